/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * core/registry/registry.h - the life of modules, for the core's own rooms.
 *
 * A core room takes part in load, check and reload exactly as a module does:
 * it describes itself with a struct bb_module (name, conf, provides, prepare,
 * commit, abort, start, stop) and adds it before the modules are loaded.
 */
#ifndef BB_CORE_REGISTRY_H
#define BB_CORE_REGISTRY_H

#include <bellbird/module.h>

#include "core/config/config.h"

/** The room. Needs bb_config_init(). */
BB_API int bb_registry_init(void);
/** Everything is stopped and closed; what is still held is reported. @return how many modules were
 * still held. */
BB_API unsigned bb_registry_close(void);

/**
 * A part of the core, or a test's static module. Before bb_modules_load():
 * started with all others, in the order of adding (and of needs). It cannot
 * be unloaded on its own when @p m is added by bb_core_module_add().
 */
BB_API int bb_core_module_add(const struct bb_module *m);
/** A static module that can be loaded, drained and unloaded by name like one from a file (tests).
 */
BB_API int bb_static_module_add(const struct bb_module *m);

/**
 * Open every module that is asked for, read all files, judge, and start.
 * With mistakes nothing is started. Outside of a fiber it blocks where it would wait.
 * @return 0, -EINVAL (see @p d), -ENOMEM.
 */
BB_API int bb_modules_load(struct bb_diag *d);
/** Open every installed module's table, read all files, judge; start nothing. */
BB_API int bb_modules_check(struct bb_diag *d);
/** What [options] strict said in the last load, check or reload, also one that was refused. */
BB_API bool bb_modules_checked_strict(void);
/** Read all files anew: prepare everywhere, then commit everywhere, or abort everywhere. In a fiber
 * it may wait.
 * @return 0, -EINVAL (nothing has changed), -EBUSY (one is running already), -ENOMEM. */
BB_API int bb_modules_reload(struct bb_diag *d);
/** The files and objects of one module alone. */
BB_API int bb_module_reload(struct bb_str name, struct bb_diag *d);
/** Load by name ("chan_sip", "chan_pjsip.so"), or take back a drain. @return -ENOENT, -EALREADY,
 * -EINVAL (see @p d). */
BB_API int bb_module_load(struct bb_str name, struct bb_diag *d);
/**
 * Drain: hidden at once, stopped and closed when the last user has gone.
 * @return 0 unloaded; -EINPROGRESS it drains (who holds it: bb_module_holders());
 * -EBUSY modules need it (named in @p d); -ENOENT; -EPERM part of the core.
 */
BB_API int bb_module_unload(struct bb_str name, struct bb_diag *d);
/** Stop everything in the reverse order of start (the end of the program). */
BB_API void bb_modules_stop(void);

enum bb_module_state {
	BB_MODULE_OPEN, /**< Its table is known; not started. */
	BB_MODULE_RUNNING,
	BB_MODULE_DRAINING,
	BB_MODULE_STOPPING /**< Nobody holds it; waiting for the media threads' barrier. */
};
struct bb_module_info {
	const char *name, *path; /**< path NULL: part of the program. */
	const char *summary, *version;
	enum bb_module_state state;
	unsigned uses, provides;
	bool core;
};
BB_API const char *bb_module_state_name(enum bb_module_state st);
/** Walk in load order; @p it starts as 0. @return false at the end. */
BB_API bool bb_module_next(size_t *it, struct bb_module_info *info);
/** "3 channels, 1 translator, for the calls C-00000001 and C-00000004"; "" when nobody. */
BB_API void bb_module_holders(const char *name, struct bb_buf *out);
/** core/channel hands in how to end a call by its tag. */
BB_API void bb_registry_on_call_end(void (*fn)(const char *call, const char *why));
/** End the calls that hold something of a module. @return how many there were. */
BB_API unsigned bb_module_hang_up(const char *name);
/** A use is for this call, whatever the flow of control that took it was about. */
BB_API void bb_use_for_call(struct bb_use *use, const char *call);
/** The parts of a module's provides, for the console: calls @p fn for each. */
BB_API void bb_module_each_provide(const char *name,
				   void (*fn)(enum bb_kind kind, const char *entry, unsigned uses,
					      void *arg),
				   void *arg);
BB_API const char *bb_kind_name(enum bb_kind kind);
/** Name of a provided descriptor ("Dial", "sip show endpoints", "ulaw/8000>slin/8000"). */
BB_API const char *bb_provide_name(const struct bb_provide *p);
BB_API const struct bb_doc *bb_provide_doc(const struct bb_provide *p);

/**
 * core/media hands in how to wait until every media thread has passed between
 * two callbacks; @p done is then called on the control thread. Without one
 * the barrier is passed at once.
 */
BB_API void bb_registry_set_barrier(void (*barrier)(void (*done)(void *arg), void *arg));
/** No new calls: every channel driver is hidden and drained ("core stop gracefully"). */
BB_API void bb_modules_refuse_calls(void);

/** Find also entries of opened, not started modules (the checker, which loads nothing): the
 * descriptor, not held. With --check everything installed is found by this. */
BB_API const void *bb_reg_peek(enum bb_kind kind, struct bb_str name);
/** Walk what bb_reg_peek() finds; an entry of several names comes once for each. */
BB_API void bb_reg_peek_each(enum bb_kind kind, void (*fn)(const void *desc, void *arg), void *arg);
/** Walk the names of bb_reg_peek(), for "did you mean". */
BB_API void bb_reg_offer(enum bb_kind kind, struct bb_near *near);

/** The bus delivers at the end of the loop turn; room init and end are the registry's. */
BB_API int bb_bus_init(void);
BB_API void bb_bus_close(void);

/**
 * Tests: look for module files in these directories alone (NULL-ended; an
 * empty list finds none). NULL: the ordinary path again.
 */
BB_API void bb_registry_search_only(const char *const *dirs);
/** What bb_give_up() calls; @p fn gets the sentence. */
BB_API void bb_registry_on_give_up(void (*fn)(const char *why));

/* --- inside the room --- */

#include <bellbird/list.h>
#include <bellbird/loop.h>
#include <bellbird/map.h>

#define BB_ENTRY_NOTES 8

/** A use on behalf of a call: what is said of it, and who is hung up for it. */
struct bb_call_hold {
	struct bb_node node; /* of its entry, or of those to be used again */
	char call[24]; /* "C-0000000c" */
};

/** One provided thing. Known from open to close; found while .visible. */
struct bb_entry {
	enum bb_kind kind;
	char *name;
	const void *desc;
	struct bb_self *self;
	bool visible;
	unsigned uses;
	struct {
		const char *who;
		unsigned n;
	} notes[BB_ENTRY_NOTES]; /* uses that said who they are */
	struct bb_list calls; /* struct bb_call_hold */
	struct bb_node in_self;
	struct bb_node in_order; /* extensions, in load order */
	struct bb_entry_name *names;
};
/** A name of an entry; drivers and commands have several. */
struct bb_entry_name {
	struct bb_map_node node;
	struct bb_entry *entry;
	struct bb_entry_name *next;
	char text[];
};

/** One module, from open to close. */
struct bb_self {
	struct bb_node node; /* load order */
	struct bb_module table; /* what it exported; a shorter one is filled up with zeros */
	const struct bb_module *exported;
	void *handle;
	char *path;
	bool core, is_static;
	bool wanted, sorted, sorting, failed;
	bool by_file; /* what modules.conf said when it was last read */
	enum bb_module_state state;
	struct bb_list entries;
	struct bb_use *needs; /* held while it runs */
	size_t n_needs;
	void *ctx; /* between prepare and commit */
	bool prepared;
	struct bb_task done; /* the last user has gone */
	struct bb_timer poll; /* .busy is asked again */
};

struct bb_list *bb_selves(void);
struct bb_self *bb_self_find(struct bb_str name);

/* entry.c */
int bb_entry_add(struct bb_self *self, const struct bb_provide *p);
void bb_entries_drop(struct bb_self *self);
void bb_entries_publish(struct bb_self *self, bool visible);
/** Codecs are pure facts, and .prepare must know them (allow=): they show before .start. */
void bb_entries_publish_facts(struct bb_self *self);
unsigned bb_self_uses(const struct bb_self *self);
/** Entry of a kind by name, visible or not. */
struct bb_entry *bb_entry_find(enum bb_kind kind, struct bb_str name);
void bb_entries_free(void);
/** The provider of "sip/1" among all opened modules. */
struct bb_entry *bb_need_find(const char *need);
/** Called when the uses of a module may have come to 0. */
void bb_self_idle(struct bb_self *self);

/* cli_module.c */
struct bb_out;
extern const struct bb_provide bb_module_provides[];
int bb_cli_module_init(void);
/** All of @p d as lines of a command's output. */
BB_API void bb_cli_diag(struct bb_out *o, const struct bb_diag *d, bool strict);

/* provide.c */
const char *bb_kind_holder(enum bb_kind kind);
const struct bb_field *bb_provide_fields(const struct bb_provide *p);
/** Of the struct that those fields fill. */
size_t bb_provide_args_size(const struct bb_provide *p);
const char *const *bb_provide_aliases(const struct bb_provide *p);
char *bb_provide_key(const struct bb_provide *p);

/* open.c */
int bb_self_open(struct bb_self **sp, const char *path, struct bb_diag *d);
int bb_self_add(struct bb_self **sp, const struct bb_module *m, struct bb_diag *d);
void bb_self_close(struct bb_self *self);
/** A sentence on why a module is not used. @p path NULL: a part of the program. */
void bb_self_refuse(struct bb_diag *d, const char *path, const char *fmt, ...) BB_PRINTF(3, 4);

/* lint.c */
/** @return -EINVAL with sentences in @p d, -ENOMEM. */
int bb_self_lint_provide(struct bb_self *self, const struct bb_provide *p, struct bb_diag *d);
int bb_self_lint_conf(struct bb_self *self, struct bb_diag *d);

/* search.c */
/** Paths of module files, first name wins, as consecutive terminated strings. @return how many, or
 * -errno. */
int bb_modules_search(struct bb_buf *out);
/** Open all that is installed and not open yet. */
int bb_modules_scan(struct bb_diag *d);

/* wanted.c */
/** Mark what modules.conf asks for. */
int bb_modules_wanted(struct bb_diag *d);
extern const struct bb_module bb_modules_module;

/* counterparts.c: names with or without .so, Asterisk's or ours */
/** The modules here that do what @p name does, separated by blanks; empty: a part of the program;
 * unset: none. */
struct bb_str bb_module_counterparts(struct bb_str name);
/** The one that is meant first, or NULL. */
struct bb_self *bb_module_find(struct bb_str name);
/** The name without .so. */
struct bb_str bb_module_plain(struct bb_str name);
void bb_module_offer_counterparts(struct bb_near *near);
/** A module of Asterisk's that has no counterpart. */
bool bb_module_not_built(struct bb_str name);
/** Asterisk has it in its program: started unless noload names it. */
bool bb_module_is_basic(struct bb_str name);

/* load.c */
bool bb_reloading(void);
int bb_self_start(struct bb_self *self, struct bb_diag *d);

void bb_self_drop_needs(struct bb_self *self);

/* registry.c */
int bb_statics_scan(struct bb_diag *d);

/* unload.c */
void bb_self_stop(struct bb_self *self);

/* object.c */
/** Map a file and find its table. @return -ENOEXEC with a sentence in @p d. */
int bb_object_open(void **handle, const struct bb_module **m, const char *path, struct bb_diag *d);
/** Unmap it, unless something would still call into it: that is named in the log, and it stays.
 * NULL is allowed. */
void bb_object_close(void *handle, const struct bb_module *m, const char *name);
/** The registry ends; what stayed stays until the process does. */
void bb_objects_forget(void);

#endif
