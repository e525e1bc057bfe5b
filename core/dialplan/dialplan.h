/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * core/dialplan/dialplan.h - the dial plan inside the core: the compiled plan,
 * substitution and expressions, what a channel carries, and its run.
 *
 * The plan is data in one arena: names and source text with their places, and
 * never a pointer into a module. It is counted; a run holds the plan it began
 * with, so a reload changes nothing under a call's feet. Globals are shared.
 *
 * What a channel carries (struct bb_dp, behind bb_chan.frames) is made when it
 * is first needed and freed with the channel, whether dial plan runs or not.
 * All on the control thread.
 */
#ifndef BB_CORE_DIALPLAN_H
#define BB_CORE_DIALPLAN_H

#include <bellbird/app.h>
#include <bellbird/dialplan.h>
#include <bellbird/func.h>
#include <bellbird/zone.h>

#include "core/channel/channel.h"
#include "core/config/config.h"

BB_BEGIN_DECLS

/* --- the room --- */

/** Adds the room to the registry (configuration, console commands) and gives the channels their
 * run. Once at start, after bb_registry_init(). */
BB_API int bb_dialplan_init(void);
/** Forget the plan and the globals. */
BB_API void bb_dialplan_close(void);

/**
 * Hook of the checker: is "SIP/alice" defined by the configuration that is
 * being judged? @return 1 yes, 0 no, -ENOSYS cannot tell. Drivers that know
 * set it; NULL takes it away.
 */
typedef int (*bb_device_known_fn)(const struct bb_conf *next, struct bb_str device);
BB_API void bb_dialplan_device_check(bb_device_known_fn fn);

/* --- variables (var.c, predef.c) --- */

#define BB_MAX_VARS 10000 /* of one channel: a loop that sets new names ends here */

/** While a plan is read: its [globals], before those that live. NULL afterwards. */
void bb_vars_loading(const struct bb_list *l);
/** A plain variable: predefined, the channel's, global, or a legacy name. Unset when none is. */
struct bb_str bb_var_lookup(struct bb_chan *ch, struct bb_str name, struct bb_arena *arena);
struct bb_str bb_predefined(struct bb_chan *ch, struct bb_str name, struct bb_arena *arena);
struct bb_str bb_predefined_legacy(struct bb_chan *ch, struct bb_str name, struct bb_arena *arena);

/* --- functions, substitution, expressions (func.c, subst.c, expr.c) --- */

/** "FUNC(args)" into its parts; false for a plain name. */
bool bb_func_split(struct bb_str text, struct bb_str *name, struct bb_str *args);
/** Look up, parse the arguments, call. Errors are logged with file and line. */
int bb_func_read(struct bb_chan *ch, struct bb_str name, struct bb_str args, struct bb_buf *out);
int bb_func_write(struct bb_chan *ch, struct bb_str name, struct bb_str args, struct bb_str value);
/** Append @p text with ${} and $[] replaced. @return 0 or -ENOMEM. */
int bb_subst_into(struct bb_chan *ch, struct bb_str text, struct bb_buf *out);
/** The inside of $[ ]. Appends the result; a mistake is logged and gives "0". */
int bb_expr_eval(struct bb_chan *ch, struct bb_str text, struct bb_buf *out);
/** Syntax alone, for the checker: `${…}` is one opaque operand. @return 0, or -EINVAL with the
 * offset and a sentence. */
int bb_expr_check(struct bb_str text, size_t *offset, char *why, size_t cap);
/* Values of expressions (value.c). Operators turn their operands into what they need, in place, as
 * Asterisk's do: `0 | 007` is "007", `007 | 1` is "7". */
struct bb_value {
	enum { BB_V_NUMBER, BB_V_NUMERIC, BB_V_STRING } type; /* NUMERIC: text that is a number */
	long double n;
	struct bb_str s; /* terminated */
};
enum bb_expr_op {
	BB_OP_NONE,
	BB_OP_OR,
	BB_OP_AND,
	BB_OP_EQ,
	BB_OP_NE,
	BB_OP_LT,
	BB_OP_GT,
	BB_OP_LE,
	BB_OP_GE,
	BB_OP_PLUS,
	BB_OP_MINUS,
	BB_OP_MULT,
	BB_OP_DIV,
	BB_OP_MOD,
	BB_OP_COLON,
	BB_OP_EQTILDE,
	BB_OP_CONCAT,
	BB_OP_NEG,
	BB_OP_NOT,
	BB_OP_OPEN, /* ( */
	BB_OP_CLOSE,
	BB_OP_COMMA,
	BB_OP_COND, /* ? */
	BB_OP_ELSE, /* :: */
	BB_OP_FUNC
};
struct bb_value bb_value_number(long double n);
/** @p s must be terminated and live as long as the value. */
struct bb_value bb_value_text(struct bb_str s);
bool bb_value_to_number(struct bb_value *v);
int bb_value_to_text(struct bb_value *v, struct bb_arena *a);
bool bb_value_true(struct bb_value *v);
/** @return 0 or -ENOMEM. @p r may be one of the operands. */
int bb_value_op(struct bb_chan *ch, enum bb_expr_op op, struct bb_value *a, struct bb_value *b,
		struct bb_value *r, struct bb_arena *arena);
/** SIN, POW … @return -ENOENT when it is no built-in. */
int bb_value_math(struct bb_chan *ch, struct bb_str name, struct bb_value *args, size_t n,
		  struct bb_value *r);
/** Warn with the file and line of the step that runs on @p ch. */
void bb_dp_warn(struct bb_chan *ch, const char *fmt, ...) BB_PRINTF(2, 3);

/* --- time conditions (timespec.c) --- */

struct bb_timespec {
	uint8_t minutes[180]; /* one bit a minute of the day */
	uint32_t months, days; /* bit 0 is January, the first */
	uint8_t weekdays; /* bit 0 is Sunday */
	const struct bb_zone *zone; /* NULL: the system's */
};
/** "9:00-17:00,mon-fri,*,*[,zone]". Waits in a fiber while a zone is read for the first time.
 * @return 0, -EINVAL with a sentence, -ENOMEM. */
int bb_timespec_parse(struct bb_timespec *ts, struct bb_str text, char *why, size_t cap);
bool bb_timespec_holds(const struct bb_timespec *ts, bb_time wall);

/* --- the compiled plan (plan.c, pattern.c, match.c) --- */

#define BB_PRIO_HINT (-1)
#define BB_MAX_EXTEN 256 /* characters of a name or pattern */
#define BB_MAX_INCLUDES 128 /* nested */

struct bb_prio {
	int n;
	const char *label; /* or NULL */
	const char *app; /* as written; of a hint: "" */
	struct bb_str args; /* as written, terminated; of a hint: the devices */
	struct bb_where at, args_at; /* of the line's value; of the arguments' first character */
	const unsigned
		*columns; /* of the arguments' characters, or NULL: they follow one another */
	bool targeted; /* the checker saw a jump that leads here */
};

struct bb_exten {
	const char *name; /* as written: "_1XX" */
	const char *cid; /* caller to match; NULL: any; "" : none */
	struct bb_map_node node; /* literals, by name without '-' */
	struct bb_exten *next_cid; /* same name, the next caller condition; any caller is last */
	struct bb_context *ctx;
	struct bb_prio *prios; /* by number */
	unsigned n_prios, cap_prios;
	struct bb_prio *hint;
	struct bb_where at;
};

struct bb_include {
	struct bb_include *next;
	const char *name, *when; /* when: the text of the condition, or NULL */
	struct bb_timespec *times;
	struct bb_where at;
};

struct bb_word { /* ignorepat and switch */
	struct bb_word *next;
	const char *text, *kind;
	struct bb_where at;
};

struct bb_pnode; /* of the tree of patterns */

struct bb_context {
	struct bb_map_node node;
	struct bb_node order; /* in order of the file */
	const char *name;
	struct bb_where at;
	struct bb_map literals;
	struct bb_exten **sorted; /* in matching order: literals by name, then patterns; heads of
				     their caller lists */
	size_t n_sorted, n_literals;
	struct bb_pnode *patterns;
	struct bb_include *includes, *last_include;
	struct bb_word *ignorepats, *switches;
	bool autohints;
	unsigned mark; /* of the walk that passed here last */
};

struct bb_plan {
	unsigned refs;
	struct bb_arena *arena;
	struct bb_map contexts;
	struct bb_list order;
	struct bb_list globals; /* struct bb_var: what [globals] says, until commit */
	bool autofallthrough, clear_globals, writeprotect, is_static;
	size_t n_extens, n_prios;
	bb_time loaded; /* bb_wall() */
};

/** Build from a text. Mistakes go to @p d. @return 0, -ENOMEM. @p text may be NULL: an empty plan.
 */
BB_API int bb_plan_build(struct bb_plan **pp, const struct bb_conf_text *text, struct bb_diag *d);
BB_API struct bb_plan *bb_plan_ref(struct bb_plan *p);
BB_API void bb_plan_unref(struct bb_plan *p);
/** The live one; never NULL after bb_dialplan_init(). */
BB_API struct bb_plan *bb_plan_live(void);
/** Make it live; takes the reference over. Globals of its file are set. */
BB_API void bb_plan_commit(struct bb_plan *p);
/** Judge what only the whole configuration can tell. */
BB_API void bb_plan_check(const struct bb_plan *p, const struct bb_conf *next, struct bb_diag *d);
BB_API struct bb_context *bb_plan_context(const struct bb_plan *p, struct bb_str name);

/* While a plan is built (plan.c). */
struct bb_context *bb_plan_add_context(struct bb_plan *p, struct bb_str name,
				       const struct bb_where *at);
/** Find or add. @p cid unset: any caller. NULL without memory. */
struct bb_exten *bb_plan_add_exten(struct bb_plan *p, struct bb_context *c, struct bb_str name,
				   struct bb_str cid, const struct bb_where *at);
/** @return the new one, or NULL with *err -EEXIST (then *old stands there) or -ENOMEM. */
struct bb_prio *bb_plan_add_prio(struct bb_plan *p, struct bb_exten *e, int n, struct bb_prio **old,
				 int *err);
/** Sort and build the trees. @return 0 or -ENOMEM. */
int bb_plan_finish(struct bb_plan *p);

/* Patterns (pattern.c). */
/** Order of matching: negative when @p a is tried first. */
BB_API int bb_pattern_cmp(const char *a, const char *b);
enum bb_match_mode { BB_FIND_EXACT, BB_FIND_CAN, BB_FIND_MORE };
/** One name or pattern against digits. @return 0 no, 1 yes, 2 a '!' that decides. */
BB_API int bb_pattern_match(const char *pattern, struct bb_str digits, enum bb_match_mode mode);
/** @return NULL when sound, or what is wrong, with its offset. */
const char *bb_pattern_check(struct bb_str pattern, size_t *offset);
/** Where the extensions of this pattern hang (equal patterns share it); NULL without memory. */
struct bb_exten **bb_ptree_slot(struct bb_arena *a, struct bb_pnode **root, const char *pattern);
/** All patterns in matching order. */
void bb_ptree_each(const struct bb_pnode *root, void (*fn)(struct bb_exten *e, void *arg),
		   void *arg);
/**
 * Call @p fn for the patterns that match, in order, until it returns non-zero.
 * @return what fn returned. @p kind is bb_pattern_match()'s answer.
 */
int bb_ptree_walk(const struct bb_pnode *root, struct bb_str digits, enum bb_match_mode mode,
		  int (*fn)(struct bb_exten *e, int kind, void *arg), void *arg);
/** Compare names without their '-'. */
int bb_exten_name_cmp(struct bb_str a, struct bb_str b);

/* The checker (check.c walks the plan, check_names.c knows what texts name). */
struct bb_check_sound {
	struct bb_check_sound *next;
	const char *name;
	struct bb_where at;
};
struct bb_check {
	const struct bb_plan *plan;
	const struct bb_conf *next; /* or NULL: only the plan */
	struct bb_diag *d;
	struct bb_context *ctx;
	struct bb_exten *exten;
	struct bb_prio *prio;
	struct bb_map told; /* names said once */
	struct bb_arena *arena;
	struct bb_str copy; /* of a part of the arguments, with other characters … */
	const char *copy_of; /* … and where that part begins */
	struct bb_check_sound *sounds; /* literal ones, looked for all at once in the end */
	size_t n_sounds;
	bool blind; /* some jump's target is only known at run time */
	unsigned nested;
};
/** Of a character of the step's arguments, or of its application's name. */
struct bb_where bb_check_place(const char *p, void *check);
void bb_check_say(struct bb_check *c, enum bb_severity sev, const char *p, const char *fmt, ...)
	BB_PRINTF(4, 5);
/** Anything in it that is known only at run time? */
bool bb_check_opaque(struct bb_str s);
/** True the first time a name is asked for. */
bool bb_check_first(struct bb_check *c, const char *kind, struct bb_str name);
/** An application with its arguments, of a step or within an argument. */
void bb_check_app(struct bb_check *c, struct bb_str app, struct bb_str args);
/** bb_args_judge.named; @p check is a struct bb_check. */
void bb_check_named(enum bb_refers refers, struct bb_str text, bool letter, void *check);
const char *bb_check_context_hint(const struct bb_check *c, struct bb_str name, char *dst,
				  size_t cap);
/** After the walk: the sounds that are missing; what configuration objects name. */
void bb_check_sounds(struct bb_check *c);
void bb_check_objects(struct bb_check *c);

/* Matching (match.c). */
struct bb_find {
	struct bb_str context, exten, cid; /* in; cid unset or empty: no caller */
	struct bb_str label; /* in: instead of a number */
	int prio; /* in */
	enum bb_match_mode mode; /* in */
	bb_time wall; /* in: for time conditions; 0 is now */
	bool any_cid; /* in: whoever calls */
	enum {
		BB_FIND_NOCONTEXT,
		BB_FIND_NOEXTEN,
		BB_FIND_NOPRIO,
		BB_FIND_NOLABEL,
		BB_FIND_OK
	} status;
	const struct bb_exten *found_exten; /* out */
	const struct bb_context *found_context; /* out: through includes */
};
BB_API const struct bb_prio *bb_plan_find(const struct bb_plan *p, struct bb_find *f);
const struct bb_prio *bb_exten_prio(const struct bb_exten *e, int n);
const struct bb_prio *bb_exten_label(const struct bb_exten *e, struct bb_str label);

/* --- what a channel carries --- */

struct bb_gosub_frame { /* where a subroutine returns to */
	struct bb_node node;
	char *context, *exten;
	int prio; /* to go on at, after Return */
};
#define BB_MAX_FRAMES 500

struct bb_handler { /* a hangup handler */
	struct bb_node node;
	char target[];
};
#define BB_MAX_HANDLERS 64

struct bb_dp {
	struct bb_chan *ch;
	char *context, *exten; /* NULL until a place was set */
	int prio;
	struct bb_plan *plan; /* of the run or subroutine that executes */
	const struct bb_prio *step; /* being executed, of .plan */
	struct bb_list frames; /* struct bb_gosub_frame, newest last; depth is its count */
	struct bb_list handlers; /* newest first */
	struct bb_list shared; /* struct bb_var */
	bb_time digit_timeout, response_timeout, absolute;
	bool moved; /* an application set the place: do not count on */
	char *redirect_context, *redirect_exten; /* bb_chan_redirect() waits to be taken */
	int redirect_prio;
	struct bb_arena *spare; /* of the last step, to be used again */
	bb_time turn; /* bb_now() of the last step */
	unsigned steps; /* executed since the fiber gave way */
	bool loop_told;
	unsigned nested; /* substitutions within substitutions */
	unsigned calls; /* applications run by applications */
};
/** Made when first needed. NULL without memory. */
BB_API struct bb_dp *bb_dp_of(struct bb_chan *ch);
int bb_dp_set_place(struct bb_dp *dp, struct bb_str context, struct bb_str exten, int prio);
/** Free what the dial plan keeps in a channel (bb_run_ops.frames_free). */
void bb_dp_free(struct bb_chan *ch);
/** The plan that executes on the channel, or the live one. */
struct bb_plan *bb_dp_plan(struct bb_chan *ch);
/** Find a step for this channel's caller. @p cid unset: the channel's number. */
const struct bb_prio *bb_dp_find(struct bb_chan *ch, struct bb_str context, struct bb_str exten,
				 int prio, struct bb_find *f);
/** Resolve a place against where the channel stands; unset parts stay. @return the priority's
 * number, -ENOENT. */
int bb_dp_resolve(struct bb_chan *ch, struct bb_plan *plan, struct bb_str context,
		  struct bb_str exten, struct bb_str priority);
/** "[[context,]exten,]priority" into its parts. */
struct bb_goto_arg bb_goto_split(struct bb_str target);

/** Execute the step at the channel's place. @return -ENOENT no such step, or as bb_app.run. */
int bb_dp_step(struct bb_chan *ch);
void bb_stack_unwind(struct bb_dp *dp, size_t keep);
/** In a fiber: hangup handlers, newest first; each once. */
void bb_dp_run_handlers(struct bb_chan *ch);
extern const struct bb_run_ops bb_dialplan_run_ops;

/* Console (cli.c, explain.c). */
extern const struct bb_provide bb_dialplan_provides[];
struct bb_cli;
extern const struct bb_cli bb_cli_explain;
/** Completers. */
int bb_dialplan_cli_init(void);

BB_END_DECLS
#endif
