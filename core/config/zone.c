/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * zone.c - time zone files (RFC 8536), read once each and kept: conditions of
 * time are judged at every match of a number and cannot wait for a disk.
 */
#include "core/config/config.h"

#include <bellbird/map.h>
#include <bellbird/zone.h>

#include <stdio.h>

#define FOLDER "/usr/share/zoneinfo"
#define HEADER 44

struct bb_zone {
	struct bb_map_node node;
	char *data; /* the file */
	const unsigned char *times, *index, *types, *names; /* in it */
	uint32_t n_times, n_types, n_chars; /* 0 types: UTC */
	char name[];
};

static struct bb_map zones;

static int64_t be(const unsigned char *p, int bytes)
{
	int64_t v = bytes && (p[0] & 0x80) ? -1 : 0;

	for (int i = 0; i < bytes; i++)
		v = (int64_t)((uint64_t)v << 8 | p[i]);
	return v;
}

struct counts {
	uint32_t isut, isstd, leap, time, type, chars;
};

/* RFC 8536 section 3.1 */
static bool take_counts(const unsigned char *h, size_t len, struct counts *c)
{
	const unsigned char *p = h + 20;

	if (len < HEADER || memcmp(h, "TZif", 4) || h[4] < '2')
		return false;
	c->isut = (uint32_t)be(p, 4);
	c->isstd = (uint32_t)be(p + 4, 4);
	c->leap = (uint32_t)be(p + 8, 4);
	c->time = (uint32_t)be(p + 12, 4);
	c->type = (uint32_t)be(p + 16, 4);
	c->chars = (uint32_t)be(p + 20, 4);
	return c->isut <= 256 && c->isstd <= 256 && c->leap <= 10000 && c->time <= 100000 &&
	       c->type && c->type <= 256 && c->chars <= 10000;
}

/* RFC 8536 section 3.2 */
static size_t block_size(const struct counts *c, size_t width)
{
	return (size_t)c->time * (width + 1) + (size_t)c->type * 6 + c->chars +
	       (size_t)c->leap * (width + 4) + c->isstd + c->isut;
}

/* The block of version 1 stands in front, with 32-bit times, and is passed over. */
static bool take_zone(struct bb_zone *z, size_t len)
{
	const unsigned char *p = (const unsigned char *)z->data;
	struct counts c;
	size_t skip;

	if (!take_counts(p, len, &c))
		return false;
	skip = HEADER + block_size(&c, 4);
	if (skip > len || !take_counts(p + skip, len - skip, &c) ||
	    block_size(&c, 8) > len - skip - HEADER)
		return false;
	z->times = p + skip + HEADER;
	z->index = z->times + (size_t)c.time * 8;
	z->types = z->index + c.time;
	z->names = z->types + (size_t)c.type * 6;
	z->n_times = c.time;
	z->n_types = c.type;
	z->n_chars = c.chars;
	for (uint32_t i = 0; i < c.time; i++)
		if (z->index[i] >= c.type)
			return false;
	return true;
}

static int read_zone(struct bb_zone *z)
{
	char path[128];
	size_t len;
	int err;

	if (snprintf(path, sizeof(path), FOLDER "/%s", z->name) >= (int)sizeof(path))
		return -EINVAL;
	err = bb_conf_slurp(path, &z->data, &len);
	if (err)
		return err == -EISDIR ? -EINVAL : err;
	return take_zone(z, len) ? 0 : -EBADMSG;
}

static void zone_free(struct bb_zone *z)
{
	bb_free(z->data);
	bb_free(z);
}

/* No name that leads elsewhere in the file system. */
static bool sound(struct bb_str name)
{
	if (!name.l || name.l > 64 || name.p[0] == '/' || bb_str_find(name, BB_STR("..")) >= 0)
		return false;
	for (size_t i = 0; i < name.l; i++)
		if (name.p[i] <= ' ' || name.p[i] == 127)
			return false;
	return true;
}

int bb_zone_find(const struct bb_zone **zp, struct bb_str name)
{
	struct bb_map_node *n = bb_map_get(&zones, name);
	struct bb_zone *z;
	int err = 0;

	if (n) {
		*zp = bb_map_entry(n, struct bb_zone, node);
		return 0;
	}
	if (!sound(name))
		return -EINVAL;
	z = bb_zalloc(sizeof(*z) + name.l + 1);
	if (!z)
		return -ENOMEM;
	memcpy(z->name, name.p, name.l);
	if (!bb_str_iis(name, "UTC") && !bb_str_iis(name, "GMT"))
		err = read_zone(z);
	/* While this one waited another flow may have read the same. */
	n = err ? NULL : bb_map_get(&zones, name);
	if (!err && !n)
		err = bb_map_add(&zones, &z->node, bb_strz(z->name));
	if (err || n)
		zone_free(z);
	else
		n = &z->node;
	if (!err)
		*zp = bb_map_entry(n, struct bb_zone, node);
	return err;
}

void bb_zones_close(void)
{
	struct bb_map_iter it = { 0 };
	struct bb_map_node *n;

	while ((n = bb_map_next(&zones, &it))) {
		bb_map_remove(&zones, n);
		zone_free(bb_map_entry(n, struct bb_zone, node));
	}
	bb_map_free(&zones);
}

static struct bb_zone_time look(const struct bb_zone *z, int64_t at, bool local)
{
	struct bb_zone_time t = { .name = "UTC" };
	uint32_t type = 0, abbreviation, i;

	if (!z->n_types)
		return t;
	for (i = 0; i < z->n_times; i++) {
		int64_t from = be(z->times + (size_t)i * 8, 8);

		if (local)
			from += be(z->types + (size_t)z->index[i] * 6, 4);
		if (from > at)
			break;
		type = z->index[i];
	}
	t.offset = be(z->types + (size_t)type * 6, 4);
	t.dst = z->types[(size_t)type * 6 + 4];
	abbreviation = z->types[(size_t)type * 6 + 5];
	memset(t.name, 0, sizeof(t.name));
	for (i = 0; i + 1 < sizeof(t.name) && abbreviation + i < z->n_chars; i++)
		t.name[i] = (char)z->names[abbreviation + i];
	return t;
}

struct bb_zone_time bb_zone_at(const struct bb_zone *z, int64_t utc)
{
	return look(z, utc, false);
}

struct bb_zone_time bb_zone_at_local(const struct bb_zone *z, int64_t local)
{
	return look(z, local, true);
}
