/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * pattern.c - extension patterns: their order, and the tree they stand in.
 *
 * Two patterns are compared place by place; at the first place that differs
 * the one that allows fewer characters is tried first, then the one with the
 * lower characters. `.` comes after any set, `!` after `.`, and the end of the
 * pattern last of all.
 *
 * The tree has one level a place, its branches in that same order, so that a
 * walk meets the patterns in matching order and never looks at those whose
 * beginning does not fit: the cost of a match does not grow with the number
 * of patterns, only with how many of them begin like the number.
 */
#include "core/dialplan/dialplan.h"

#define ANY_ONE_OR_MORE 0x18000 /* . */
#define ANY_OR_NONE 0x28000 /* ! */
#define AT_END 0x30000
#define BROKEN 0x40000 /* [ without ] */

struct place {
	int score; /* how many characters * 256 + the lowest one; or one of the above */
	uint8_t set[32]; /* lowest character in the highest bit */
};

struct bb_pnode {
	struct place place;
	struct bb_pnode **kids; /* sorted; single characters first */
	size_t n, cap;
	struct bb_exten *dot, *bang, *end;
};

static bool has(const struct place *p, unsigned char c)
{
	return p->set[c / 8] & (0x80u >> (c % 8));
}

static void add_range(struct place *p, unsigned char from, unsigned char to)
{
	for (unsigned c = from; c <= to; c++) {
		if (has(p, (unsigned char)c))
			continue;
		p->set[c / 8] |= (uint8_t)(0x80u >> (c % 8));
		p->score += 0x100;
	}
}

static void lowest(struct place *p)
{
	for (unsigned c = 0; c < 256; c++) {
		if (has(p, (unsigned char)c)) {
			p->score |= (int)c;
			return;
		}
	}
}

/* The inside of [ ], behind which *at is left. An empty one does not count. */
static bool take_set(const char **at, struct place *p)
{
	const char *end = strchr(*at, ']'), *s = *at;

	if (!end) {
		p->score = BROKEN;
		*at += strlen(*at);
		return true;
	}
	for (; s < end; s++) {
		if (s + 2 < end && s[1] == '-') {
			add_range(p, (unsigned char)s[0], (unsigned char)s[2]);
			s += 2;
		} else {
			add_range(p, (unsigned char)*s, (unsigned char)*s);
		}
	}
	*at = end + 1;
	return p->score != 0;
}

/* Read one place of a pattern (without its '_'). */
static void take_place(const char **at, struct place *p)
{
	memset(p, 0, sizeof(*p));
	for (;;) {
		char c = **at;

		if (c)
			++*at;
		switch (c) {
		case '-':
			continue;
		case '\0':
			p->score = AT_END;
			return;
		case '.':
			p->score = ANY_ONE_OR_MORE;
			return;
		case '!':
			p->score = ANY_OR_NONE;
			return;
		case 'x':
		case 'X':
			add_range(p, '0', '9');
			break;
		case 'z':
		case 'Z':
			add_range(p, '1', '9');
			break;
		case 'n':
		case 'N':
			add_range(p, '2', '9');
			break;
		case '[':
			if (!take_set(at, p))
				continue;
			if (p->score == BROKEN)
				return;
			break;
		default:
			add_range(p, (unsigned char)c, (unsigned char)c);
			break;
		}
		lowest(p);
		return;
	}
}

static int place_cmp(const struct place *a, const struct place *b)
{
	if (a->score != b->score)
		return a->score < b->score ? -1 : 1;
	return memcmp(b->set, a->set, sizeof(a->set));
}

int bb_exten_name_cmp(struct bb_str a, struct bb_str b)
{
	size_t i = 0, k = 0;

	for (;;) {
		unsigned char x, y;

		while (i < a.l && a.p[i] == '-')
			i++;
		while (k < b.l && b.p[k] == '-')
			k++;
		x = i < a.l ? (unsigned char)a.p[i] : 0;
		y = k < b.l ? (unsigned char)b.p[k] : 0;
		if (i >= a.l || k >= b.l)
			return (i < a.l) - (k < b.l);
		if (x != y)
			return x < y ? -1 : 1;
		i++;
		k++;
	}
}

int bb_pattern_cmp(const char *a, const char *b)
{
	struct place pa, pb;
	int c;

	if (*a != '_' && *b != '_')
		return bb_exten_name_cmp(bb_strz(a), bb_strz(b));
	if (*a != '_' || *b != '_')
		return *a == '_' ? 1 : -1;
	a++;
	b++;
	do {
		take_place(&a, &pa);
		take_place(&b, &pb);
		c = place_cmp(&pa, &pb);
	} while (!c && pa.score < ANY_ONE_OR_MORE);
	return c;
}

static size_t skip_dashes(struct bb_str d, size_t i)
{
	while (i < d.l && d.p[i] == '-')
		i++;
	return i;
}

static int literal_match(const char *name, struct bb_str digits, enum bb_match_mode mode)
{
	size_t i = skip_dashes(digits, 0);

	for (; *name; name++) {
		if (*name == '-')
			continue;
		if (i >= digits.l)
			return mode == BB_FIND_EXACT ? 0 : 1;
		if (digits.p[i] != *name)
			return 0;
		i = skip_dashes(digits, i + 1);
	}
	return i >= digits.l && mode != BB_FIND_MORE;
}

int bb_pattern_match(const char *pattern, struct bb_str digits, enum bb_match_mode mode)
{
	struct place p;
	size_t i = skip_dashes(digits, 0);

	if (*pattern != '_')
		return literal_match(pattern, digits, mode);
	/* A pattern asked for by its own name is itself. */
	if (mode == BB_FIND_EXACT && digits.l && digits.p[0] == '_')
		return bb_str_iis(digits, pattern);
	for (pattern++;; i = skip_dashes(digits, i + 1)) {
		take_place(&pattern, &p);
		if (p.score == ANY_OR_NONE)
			return 2;
		if (i >= digits.l) {
			if (p.score == AT_END)
				return mode != BB_FIND_MORE;
			return mode != BB_FIND_EXACT && p.score != BROKEN;
		}
		if (p.score == ANY_ONE_OR_MORE)
			return 1;
		if (p.score >= AT_END || !has(&p, (unsigned char)digits.p[i]))
			return 0;
	}
}

const char *bb_pattern_check(struct bb_str pattern, size_t *offset)
{
	for (size_t i = 1; i < pattern.l; i++) {
		ptrdiff_t close;

		*offset = i;
		if (pattern.p[i] == '[') {
			close = bb_str_chr(bb_str_sub(pattern, i, pattern.l), ']');
			if (close < 0)
				return "'[' without ']' in a pattern: it matches nothing";
			if (close == 1)
				return "an empty set '[]' in a pattern is passed over";
			for (size_t k = i + 1; k + 2 < i + (size_t)close; k++) {
				if (pattern.p[k + 1] != '-')
					continue;
				if (pattern.p[k] > pattern.p[k + 2])
					return "a range that runs backwards in a pattern is empty";
				k += 2;
			}
			i += (size_t)close;
		} else if ((pattern.p[i] == '.' || pattern.p[i] == '!') && i + 1 < pattern.l) {
			*offset = i + 1;
			return "what follows '.' or '!' in a pattern is never looked at";
		}
	}
	return NULL;
}

/* --- the tree --- */

static struct bb_pnode *kid_for(struct bb_arena *a, struct bb_pnode *n, const struct place *p)
{
	size_t lo = 0, hi = n->n;
	struct bb_pnode *kid, **more;

	while (lo < hi) {
		size_t mid = (lo + hi) / 2;
		int c = place_cmp(p, &n->kids[mid]->place);

		if (!c)
			return n->kids[mid];
		if (c < 0)
			hi = mid;
		else
			lo = mid + 1;
	}
	if (n->n == n->cap) {
		more = bb_arena_alloc(a, (n->cap * 2 + 2) * sizeof(struct bb_pnode *));
		if (!more)
			return NULL;
		if (n->n)
			memcpy(more, n->kids, n->n * sizeof(struct bb_pnode *));
		n->kids = more;
		n->cap = n->cap * 2 + 2;
	}
	kid = bb_arena_alloc(a, sizeof(*kid));
	if (!kid)
		return NULL;
	kid->place = *p;
	memmove(n->kids + lo + 1, n->kids + lo, (n->n - lo) * sizeof(struct bb_pnode *));
	n->kids[lo] = kid;
	n->n++;
	return kid;
}

struct bb_exten **bb_ptree_slot(struct bb_arena *a, struct bb_pnode **root, const char *pattern)
{
	struct bb_pnode *n = *root;
	struct place p;

	if (!n)
		n = *root = bb_arena_alloc(a, sizeof(*n));
	for (pattern++; n;) {
		take_place(&pattern, &p);
		if (p.score == ANY_ONE_OR_MORE)
			return &n->dot;
		if (p.score == ANY_OR_NONE)
			return &n->bang;
		if (p.score == AT_END)
			return &n->end;
		n = kid_for(a, n, &p);
	}
	return NULL;
}

struct walk {
	struct bb_str digits;
	enum bb_match_mode mode;
	int (*fn)(struct bb_exten *e, int kind, void *arg);
	void *arg;
};

static int tell(const struct walk *w, struct bb_exten *e, int kind)
{
	return e && kind ? w->fn(e, kind, w->arg) : 0;
}

/* The digits have run out: everything below would take more of them. */
static int walk_below(const struct walk *w, const struct bb_pnode *n)
{
	int r = 0;

	for (size_t k = 0; k < n->n && !r; k++) {
		const struct bb_pnode *kid = n->kids[k];

		if (kid->place.score == BROKEN)
			continue;
		r = walk_below(w, kid);
		if (!r)
			r = tell(w, kid->dot, 1);
		if (!r)
			r = tell(w, kid->bang, 1);
		if (!r)
			r = tell(w, kid->end, 1);
	}
	return r;
}

static int walk_at(const struct walk *w, const struct bb_pnode *n, size_t i)
{
	unsigned char c;
	int r = 0;

	i = skip_dashes(w->digits, i);
	if (i >= w->digits.l) {
		if (w->mode != BB_FIND_EXACT)
			r = walk_below(w, n);
		if (!r)
			r = tell(w, n->dot, w->mode != BB_FIND_EXACT);
		if (!r)
			r = tell(w, n->bang, 2);
		return r ? r : tell(w, n->end, w->mode != BB_FIND_MORE);
	}
	c = (unsigned char)w->digits.p[i];
	for (size_t k = 0; k < n->n && !r; k++) {
		const struct place *p = &n->kids[k]->place;

		if (p->score < 0x200 && (p->score & 0xff) > c) {
			/* Past the only single character that could be it: on to the sets. */
			while (k + 1 < n->n && n->kids[k + 1]->place.score < 0x200)
				k++;
			continue;
		}
		if (has(p, c))
			r = walk_at(w, n->kids[k], i + 1);
	}
	if (!r)
		r = tell(w, n->dot, 1);
	return r ? r : tell(w, n->bang, 2);
}

int bb_ptree_walk(const struct bb_pnode *root, struct bb_str digits, enum bb_match_mode mode,
		  int (*fn)(struct bb_exten *e, int kind, void *arg), void *arg)
{
	struct walk w = { digits, mode, fn, arg };

	return root ? walk_at(&w, root, 0) : 0;
}

void bb_ptree_each(const struct bb_pnode *n, void (*fn)(struct bb_exten *e, void *arg), void *arg)
{
	if (!n)
		return;
	for (size_t k = 0; k < n->n; k++)
		bb_ptree_each(n->kids[k], fn, arg);
	if (n->dot)
		fn(n->dot, arg);
	if (n->bang)
		fn(n->bang, arg);
	if (n->end)
		fn(n->end, arg);
}
