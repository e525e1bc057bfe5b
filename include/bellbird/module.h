/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * bellbird/module.h - what every module exports: one constant, nothing else.
 *
 * The constant is data: the loader, the documentation and the checker read it
 * without running any of the module's code. What a module provides is
 * published by the core after .start has succeeded and withdrawn before
 * .stop; the core counts users in between. There is nothing to register,
 * nothing to unregister and no reference to the module itself to keep.
 */
#ifndef BB_MODULE_H
#define BB_MODULE_H

#include <bellbird/conf.h>

#define BB_ABI_MAGIC 0x44524242u /* "BBRD" read as little-endian      */
#define BB_ABI_MAJOR 1 /* a public struct or meaning changed */
#define BB_ABI_MINOR 0 /* only functions or tail fields added */

struct bb_app;
struct bb_func;
struct bb_chan_driver;
struct bb_bridge_tech;
struct bb_codec;
struct bb_translator;
struct bb_file_format;
struct bb_cdr_sink;
struct bb_listener_desc;
struct bb_cli;
struct bb_service;

/** Help text. Lives in the object, so the console can never lack it. */
struct bb_doc {
	const char *summary; /**< One line, imperative, no final dot.      */
	const char *text; /**< Paragraphs and examples; may be NULL.    */
	const char *since; /**< Version that introduced it.              */
	const char *see_also; /**< Space-separated names; checked by tests. */
};

enum bb_kind {
	BB_KIND_NONE,
	BB_KIND_APP,
	BB_KIND_FUNC,
	BB_KIND_CHAN,
	BB_KIND_BRIDGE,
	BB_KIND_CODEC,
	BB_KIND_TRANSLATOR,
	BB_KIND_FILE_FORMAT,
	BB_KIND_CDR_SINK,
	BB_KIND_LISTENER,
	BB_KIND_CLI,
	BB_KIND_SERVICE,
	BB_KIND_EXTENSION /**< Plugs into another module's service. */
};

/** A descriptor that plugs into a named point of another module's service. */
struct bb_extension {
	const char *service; /**< "sip/1"                              */
	const char *point; /**< "request"                            */
	const void *desc; /**< Typed by the service's header.       */
	const char *name; /**< For the console.                     */
};

/** One thing a module offers. */
struct bb_provide {
	enum bb_kind kind;
	union {
		const struct bb_app *app;
		const struct bb_func *func;
		const struct bb_chan_driver *chan;
		const struct bb_bridge_tech *bridge;
		const struct bb_codec *codec;
		const struct bb_translator *translator;
		const struct bb_file_format *file_format;
		const struct bb_cdr_sink *cdr_sink;
		const struct bb_listener_desc *listener;
		const struct bb_cli *cli;
		const struct bb_service *service;
		const struct bb_extension *extension;
		const void *any;
	} u;
};
/* What stands in .provides, which ends with { 0 }. Also valid in C++20. */
#define BB_PROVIDE_(which, member, p)                                                              \
	{                                                                                          \
		.kind = BB_KIND_##which, .u = {.member = (p) }                                     \
	}
#define BB_APP(p) BB_PROVIDE_(APP, app, p)
#define BB_FUNC(p) BB_PROVIDE_(FUNC, func, p)
#define BB_CHAN(p) BB_PROVIDE_(CHAN, chan, p)
#define BB_BRIDGE(p) BB_PROVIDE_(BRIDGE, bridge, p)
#define BB_CODEC(p) BB_PROVIDE_(CODEC, codec, p)
#define BB_TRANSLATOR(p) BB_PROVIDE_(TRANSLATOR, translator, p)
#define BB_FILE_FORMAT(p) BB_PROVIDE_(FILE_FORMAT, file_format, p)
#define BB_CDR_SINK(p) BB_PROVIDE_(CDR_SINK, cdr_sink, p)
#define BB_LISTENER(p) BB_PROVIDE_(LISTENER, listener, p)
#define BB_CLI(p) BB_PROVIDE_(CLI, cli, p)
#define BB_SERVICE(p) BB_PROVIDE_(SERVICE, service, p)
#define BB_EXTENDS(p) BB_PROVIDE_(EXTENSION, extension, p)

/** A named, versioned table of functions. Append only within a major. */
struct bb_service {
	const char *name; /**< "sip" */
	uint16_t major, minor;
	const void *api; /**< e.g. const struct bb_sip_api * */
	size_t api_size;
	const char *const *points; /**< NULL-ended names that extensions may plug into. */
	struct bb_doc doc;
};

/** The exported constant. Only .name and .provides are needed. */
struct bb_module {
	uint32_t magic;
	uint16_t abi_major, abi_minor;
	uint32_t size; /**< sizeof(struct bb_module) when built. */
	const char *name;
	const char *version;
	const char *const *needs; /**< "sip/1": service and major. NULL-ended. */
	const struct bb_conf_type *conf; /**< {0}-ended.                             */
	const struct bb_provide *provides; /**< {0}-ended.                           */
	struct bb_doc doc;
	/** Acquire resources and set all file-scope state. Nothing in .provides is
	 *  visible until this returns 0. Runs after the first .prepare/.commit.
	 *  @return 0, or a negative errno (and, better, a sentence in @p d) when it
	 *  cannot: it has given back what it and .commit took, since .stop does not
	 *  follow. The rest of the program goes on without this module. */
	int (*start)(struct bb_self *self, struct bb_diag *d);
	/** Configuration in three steps over all modules. prepare builds what it
	 *  needs from @p next, may fail (reporting all mistakes) and may wait;
	 *  commit makes it live and cannot fail; abort undoes a prepare. A module
	 *  with .conf and without .prepare just finds the new objects live. */
	int (*prepare)(struct bb_self *self, const struct bb_conf *next, void **ctx,
		       struct bb_diag *d);
	void (*commit)(struct bb_self *self, void *ctx);
	void (*abort)(struct bb_self *self, void *ctx);
	/** Stop, or again begin, taking new work that does not come through look-ups. */
	void (*drain)(struct bb_self *self);
	void (*undrain)(struct bb_self *self);
	/** Work that look-ups do not count (open transactions); 0 lets the drain end. May be NULL.
	 */
	unsigned (*busy)(struct bb_self *self);
	/** Last call: no user of .provides is left, no callback is running. */
	void (*stop)(struct bb_self *self);
};

#define BB_MODULE(ident, ...)                                                                      \
	BB_API extern const struct bb_module bb_module;                                            \
	const struct bb_module bb_module = { .magic = BB_ABI_MAGIC,                                \
					     .abi_major = BB_ABI_MAJOR,                            \
					     .abi_minor = BB_ABI_MINOR,                            \
					     .size = sizeof(struct bb_module),                     \
					     .name = #ident,                                       \
					     __VA_ARGS__ }

BB_BEGIN_DECLS

/**
 * True while `bellbird --check` judges: .prepare is called (and then .abort), and must open
 * nothing: no socket, no connection. Files (certificates) may be read.
 */
BB_API bool bb_checking(void);
/** Nothing useful is left to do (no transport came up): log @p why and end the program with
 * status 1. Returns; the end comes with the next turn of the loop. */
BB_API void bb_give_up(struct bb_self *self, const char *why);

/** The live configuration (never NULL; empty before the first load). Valid until the caller waits
 * or returns to the loop: a reload may swap it. */
BB_API const struct bb_conf *bb_conf_live(void);

/** The API table behind a name listed in .needs ("sip" finds "sip/1"). Valid from .prepare until
 * .stop returns. @return NULL for a name that .needs does not list. */
BB_API const void *bb_service_get(struct bb_self *self, const char *name);

/**
 * Walk what other modules plugged into a point of the caller's service, in
 * load order. Each step holds the entry's module until the next step or
 * bb_ext_end(): call through the descriptor only in between, or take a
 * bb_use for longer.
 */
struct bb_entry;
struct bb_ext_iter {
	const char *service; /**< "sip", or "sip/1" for one major alone. */
	const char *point;
	struct bb_entry *at; /**< Starts as NULL. */
};
BB_API const void *bb_ext_next(struct bb_ext_iter *it);
BB_API void bb_ext_end(struct bb_ext_iter *it);

/** One counted use of a provided entry; its module stays while uses exist. Zero is none. */
struct bb_use {
	struct bb_entry *entry;
	const char *who; /**< The core's: what bb_use_note() said. */
	struct bb_call_hold *call; /**< The core's: for which call it is held. */
};
/** Find an entry by name and hold it. @return its descriptor or NULL. Hidden entries (draining) are
 * not found. */
BB_API const void *bb_use_find(enum bb_kind kind, struct bb_str name, struct bb_use *use);
/** Hold what an iterator stands at. */
BB_API void bb_use_at(const struct bb_ext_iter *it, struct bb_use *use);
/** A further use of the same entry. */
BB_API void bb_use_copy(const struct bb_use *use, struct bb_use *copy);
BB_API void bb_use_end(struct bb_use *use);
/** What a holder is called in "cannot unload: …": a short literal, kept with the use. */
BB_API void bb_use_note(struct bb_use *use, const char *who);
/** Name of the module that provides it. */
BB_API const char *bb_use_module(const struct bb_use *use);
BB_API const char *bb_self_name(const struct bb_self *self);

/** Walk all visible entries of a kind in name order (console, completion, the translation matrix).
 * Set .kind, start the rest and @p use with zero. Each step ends @p use's last hold and takes the
 * next; the end of the walk leaves it empty. @p use may be NULL when nothing in the body waits. */
struct bb_reg_iter {
	enum bb_kind kind;
	size_t pos;
};
BB_API const void *bb_reg_next(struct bb_reg_iter *it, struct bb_use *use);
/** Grows each time an entry of the kind appears or goes: caches compare it. */
BB_API unsigned bb_reg_generation(enum bb_kind kind);

BB_END_DECLS
#endif
