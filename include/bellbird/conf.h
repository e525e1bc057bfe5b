/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * bellbird/conf.h - typed fields, configuration objects, and what went wrong.
 *
 * A configuration object is one section of a .conf file, filled into a struct
 * by the fields its owner declared. Objects are immutable and counted: a
 * reload makes new ones, and whoever holds an old one keeps it until dropped.
 */
#ifndef BB_CONF_H
#define BB_CONF_H

#include <bellbird/base.h>

BB_BEGIN_DECLS

struct bb_self; /**< The core's record of one loaded module. */

/** Where a word stands in a file. @c file lives as long as the configuration that was read. */
struct bb_where {
	const char *file;
	unsigned line, column; /**< From 1; 0 is unknown. */
};

/** Collects what is wrong, for a human. */
struct bb_diag;
enum bb_severity {
	BB_NOTE, /**< Said once, changes nothing.                         */
	BB_WARN, /**< Known but not built; loads.                         */
	BB_SUSPECT, /**< Error under --check, warning at start and reload.   */
	BB_MISTAKE /**< Refuses the start or the reload.                    */
};
BB_API void bb_diag_add(struct bb_diag *d, enum bb_severity sev, const struct bb_where *at,
			const char *fmt, ...) BB_PRINTF(4, 5);
/**
 * What many names share is one sentence: "what: a, b (line 13), c (line 15)". It stands where the
 * first of the file does; a name counts once.
 */
BB_API void bb_diag_gather(struct bb_diag *d, enum bb_severity sev, const struct bb_where *at,
			   const char *what, struct bb_str name);
/** The same with "did you mean …" when one of @p words (NULL-ended) is near @p got. */
BB_API void bb_diag_unknown(struct bb_diag *d, enum bb_severity sev, const struct bb_where *at,
			    const char *what, struct bb_str got, const char *const *words);

enum bb_type {
	BB_T_END,
	BB_T_STR, /**< struct bb_str, terminated, lives with the object.         */
	BB_T_INT, /**< int64_t, within min..max.                                 */
	BB_T_BOOL, /**< bool.                                                     */
	BB_T_DURATION, /**< bb_time; a bare number counts in .unit; "1.5", "20s", "5m".*/
	BB_T_DOUBLE, /**< double.                                                   */
	BB_T_ADDR, /**< struct bb_addr: a literal address with optional port.     */
	BB_T_CIDR, /**< struct bb_cidr.                                           */
	BB_T_ENUM, /**< int: index in .words.                                     */
	BB_T_FLAGS, /**< uint64_t: comma-separated .words, bit = index.            */
	BB_T_LIST, /**< struct bb_strlist: ordered, repeatable, comma-separated;
			.sep changes the separator ('&').                        */
	/* of applications and functions only: */
	BB_T_REST, /**< struct bb_str: everything that is left, commas and all.   */
	BB_T_VAR, /**< struct bb_str: name of a variable or FUNC(args).          */
	BB_T_GOTO, /**< struct bb_goto_arg: [[context,]extension,]priority|label. */
	BB_T_BRANCH, /**< struct bb_branch_arg: condition?true:false.               */
	BB_T_APPCALL, /**< struct bb_str: App(args) or sub(args).                    */
	BB_T_OPTIONS /**< struct bb_opts: option letters, see struct bb_option.     */
};

/** What a text names: load, reload and --check say when it is not there. */
enum bb_refers {
	BB_REF_NONE,
	BB_REF_PLACE, /**< [[context,]exten,]priority[(args)]; of letters '^' stands for ','.  */
	BB_REF_SUB, /**< context[^args]: the subroutine at its s,1.                          */
	BB_REF_CONTEXT, /**< A context of the dial plan.                                         */
	BB_REF_APP, /**< App(args).                                                          */
	BB_REF_DEVICE, /**< Technology/resource, joined by '&'.                                 */
	BB_REF_SOUND, /**< Sounds without extension, joined by '&'; of letters by ':'.         */
	BB_REF_MUSIC /**< A class of music on hold.                                           */
};

/** What a bare number in a BB_T_DURATION field means. */
enum bb_unit { BB_SECONDS, BB_MILLISECONDS, BB_MINUTES };

#define BB_ANY INT64_MIN /**< No lower limit, when in .min; in .max no upper limit. */

struct bb_strlist {
	const struct bb_str *v;
	size_t n;
};

/** The parts of a jump target as written; missing parts are unset. */
struct bb_goto_arg {
	struct bb_str context, exten, priority;
};
struct bb_branch_arg {
	struct bb_str cond, yes, no;
};

/** One letter of a BB_T_OPTIONS field. */
struct bb_option {
	char letter;
	const char *arg; /**< Name of its (argument); NULL when it takes none.  */
	bool arg_optional;
	enum bb_type type; /**< Of the argument; BB_T_STR mostly.                 */
	const char *doc; /**< One sentence. Mandatory.                          */
	enum bb_refers refers; /**< What the argument names.                        */
};

/** Filled by the core for a BB_T_OPTIONS field. */
struct bb_opts {
	uint64_t lower, upper, digit; /**< Bit 0 is 'a', 'A', '0'.                 */
	const struct bb_opt_arg {
		char letter;
		struct bb_str text;
	} * args;
	size_t n_args;
};
BB_API bool bb_opts_has(const struct bb_opts *o, char letter);
/** The text in parentheses after @p letter; unset when there was none. */
BB_API struct bb_str bb_opts_arg(const struct bb_opts *o, char letter);

/** One typed field: a configuration option or an argument. */
struct bb_field {
	const char *name; /**< As the user writes it: "max_contacts".       */
	enum bb_type type;
	size_t off; /**< Where the parsed value goes in the struct.   */
	int64_t min, max; /**< Range of numbers, used when min < max; bb_time of durations. */
	enum bb_unit unit;
	char sep; /**< Of BB_T_LIST; 0 is ','.                      */
	const char *const *words; /**< NULL-ended, for BB_T_ENUM and BB_T_FLAGS.    */
	const struct bb_option *options; /**< {0}-ended, for BB_T_OPTIONS.          */
	const char *def; /**< Default, as the user would write it.
			      NULL makes the field mandatory.             */
	const char *doc; /**< One sentence. Mandatory.                     */
	const char *alias; /**< Another accepted spelling, or NULL.          */
	const char *complete; /**< What completes it on the console: "channel",
				   "module", "context", "endpoint", …          */
	enum bb_refers refers; /**< What it names; of a BB_T_BRANCH, what its branches name.   */
};

/**
 * One type of configuration object that a module owns: [alice] type=endpoint.
 * The same name may stand several times with different types.
 */
struct bb_conf_type {
	const char *file; /**< Canonical: "sip.conf"; the core knows aliases (pjsip.conf).*/
	const char *type; /**< "endpoint"; NULL: one object from the section @c section.  */
	const char *section; /**< "general" when type is NULL; "*": every other section;
				  NULL with a type: found by its type= line.               */
	const struct bb_field *fields; /**< {0}-ended.                                      */
	size_t size; /**< Of the struct the fields fill.                             */
	const char *const *known; /**< NULL-ended: options the peers have and we have not
				       yet: a warning, not an error.                       */
	bool free_form; /**< Any option is allowed; read with bb_conf_value_next().     */
	const char *doc; /**< One sentence. Mandatory.                                   */
};

/** A set of objects: the live one, or a new one that is being prepared. Opaque. */
struct bb_conf;

/** Walk the objects of one of the caller's types in file order; @p prev starts as NULL. An object
 * is valid as long as @p c is, in a callback without a wait; hold it for longer. */
BB_API const void *bb_conf_next(const struct bb_conf *c, const struct bb_conf_type *type,
				const void *prev);
/** The first of that name (its section's), or NULL. */
BB_API const void *bb_conf_get(const struct bb_conf *c, const struct bb_conf_type *type,
			       struct bb_str name);
/** Of an object: its section's name, and where it (or one of its options) was written. */
BB_API const char *bb_conf_name(const void *obj);
BB_API struct bb_where bb_conf_where(const void *obj, const char *option);
/** True when the user wrote the option (it is no default). */
BB_API bool bb_conf_given(const void *obj, const char *option);
/** The raw lines of an object in file order, for free-form sections. */
struct bb_conf_value {
	struct bb_str name, value;
	struct bb_where at;
	bool append; /**< Written with +=. */
	bool arrow; /**< Written with =>. */
};
BB_API const struct bb_conf_value *bb_conf_value_next(const void *obj,
						      const struct bb_conf_value *prev);
/** "sip.conf" or "pjsip.conf": the file this object really came from (base name). */
BB_API const char *bb_conf_file(const void *obj);
/** Hold an object beyond the callback in which it was given; drop it later. */
BB_API const void *bb_conf_hold(const void *obj);
BB_API void bb_conf_drop(const void *obj);
/** Directory of the configuration (-C), of state (-S), sounds …, by the names of asterisk.conf's
 * [directories]: "astetcdir", "astvarlibdir" … "" when there is none of that name. Lives as long as
 * the program. */
BB_API const char *bb_path(const char *which);

struct bb_arena;
/** Split arguments by @p sep outside of quotes and brackets: at most @p max pieces, in the arena,
 * without their quotes and backslashes. @return how many, or -ENOMEM. */
BB_API int bb_args_split(struct bb_str text, char sep, struct bb_str *pieces, size_t max,
			 struct bb_arena *a);

BB_END_DECLS
#endif
