/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * core/config/config.h - what the other core rooms need of the configuration
 * room: diagnostics, raw files, typed arguments, and facts about the peers.
 *
 * Everything here runs on the control thread. Functions that read files may
 * wait when called in a fiber; outside of one (at start) they block.
 */
#ifndef BB_CORE_CONFIG_H
#define BB_CORE_CONFIG_H

#include <bellbird/conf.h>
#include <bellbird/list.h>
#include <bellbird/mem.h>
#include <bellbird/module.h>

/* --- diagnostics --- */

struct bb_diag_item {
	enum bb_severity sev;
	struct bb_where at; /**< .file lives as long as the process's configuration room. */
	const char *text;
	const char *what; /**< Of a gathered item: what its names share. */
	struct bb_diag_name *names; /**< The newest first. */
};
BB_API int bb_diag_new(struct bb_diag **dp);
BB_API void bb_diag_free(struct bb_diag *d);
/** Items in the order they were added; the same sentence at the same place is kept once. NULL past
 * the end. */
BB_API const struct bb_diag_item *bb_diag_at(const struct bb_diag *d, size_t i);
BB_API size_t bb_diag_count(const struct bb_diag *d, enum bb_severity sev);
/** Is something said of this file? */
BB_API bool bb_diag_blames(const struct bb_diag *d, const char *file);
/** A name for a severity as it is judged: "error", "warning", "note". */
enum bb_diag_mode {
	BB_DIAG_START, /**< Start and reload: suspects are warnings. */
	BB_DIAG_CHECK /**< --check: suspects are errors.            */
};
BB_API const char *bb_diag_word(enum bb_severity sev, enum bb_diag_mode mode, bool strict);
/** True when what was found refuses the start, the reload, or fails the check. */
BB_API bool bb_diag_refuses(const struct bb_diag *d, enum bb_diag_mode mode, bool strict);
/** "file:line:column: error: text" for item @p i into @p out, without newline. */
BB_API void bb_diag_print(const struct bb_diag *d, size_t i, enum bb_diag_mode mode, bool strict,
			  struct bb_buf *out);
/** Every item as a log line of its level. */
/** Into the order of the files and their lines. */
BB_API void bb_diag_sort(struct bb_diag *d);
BB_API void bb_diag_log(const struct bb_diag *d, bool strict);
/** The nearest of @p words (NULL-ended) to @p got, or NULL when none is near. */
BB_API const char *bb_nearest(struct bb_str got, const char *const *words);
/** The same over a walk: feed every candidate, then ask. Zero-initialise; set .got. */
struct bb_near {
	struct bb_str got;
	const char *best;
	unsigned distance;
};
BB_API void bb_near_offer(struct bb_near *n, const char *candidate);
/** The best candidate, or NULL when none is near enough to be meant. */
BB_API const char *bb_near_best(const struct bb_near *n);
/** "; did you mean 'x'?" in @p dst, or "". @return @p dst. */
BB_API const char *bb_near_hint(const struct bb_near *n, char *dst, size_t cap);

/* --- one file, raw --- */

/** One line `name = value` of a section, in order. Texts are terminated and live with the file. */
struct bb_conf_line {
	struct bb_node node;
	struct bb_str name, value;
	struct bb_where at; /**< Of the name.                                             */
	struct bb_where value_at; /**< Of the value's first character.                          */
	bool arrow; /**< =>                                                       */
	bool append; /**< += : the value is already joined to what it adds to.     */
	bool inherited; /**< Came from a template.                                    */
	const unsigned *columns; /**< NULL, or value.l columns: where each character stood (a
				  block comment or `\;` inside the value moved them).   */
};

/**
 * One `[name](…)` header and its lines; `(+)` lines are added to the section
 * they name, and lines of templates stand in front, as copies with their own
 * places. Two headers of one name without (+) are two sections.
 */
struct bb_conf_section {
	struct bb_node node;
	struct bb_str name;
	struct bb_where at;
	bool is_template; /**< (!): not an object itself. */
	struct bb_list lines; /**< struct bb_conf_line */
};

struct bb_conf_text {
	const char *path; /**< As opened. */
	const char *canonical; /**< "sip.conf" also for pjsip.conf. */
	struct bb_list sections; /**< struct bb_conf_section, in order; templates too. */
	struct bb_list files; /**< struct bb_conf_included: all files that were read. */
	struct bb_arena *arena;
};
struct bb_conf_included {
	struct bb_node node;
	const char *path;
};
#define bb_conf_each_section(s, text) bb_list_each (s, &(text)->sections)

/**
 * Read one file with all it includes. Mistakes go to @p d; a text is returned
 * with what could be read. Relative includes are relative to @p dir.
 * @return 0, -ENOENT (nothing is reported), -ENOMEM, or what open(2) says (reported).
 */
BB_API int bb_conf_text_read(struct bb_conf_text **tp, const char *dir, const char *file,
			     struct bb_diag *d);
/** The same from memory (tests, fuzzing). @p name is what diagnostics call it; includes are
 * refused when @p dir is NULL. */
BB_API int bb_conf_text_parse(struct bb_conf_text **tp, const char *dir, const char *name,
			      struct bb_str data, struct bb_diag *d);
BB_API void bb_conf_text_free(struct bb_conf_text *t);

/**
 * The raw file behind a set of objects, valid during .prepare of a module that
 * declared a conf type with this file (a free_form type of section "*" claims
 * the whole file). NULL when the file does not exist.
 */
BB_API const struct bb_conf_text *bb_conf_raw(const struct bb_conf *c, const char *canonical);

/* --- sets of objects --- */

/** The set's own life: live readers (a dial plan that is still run) may keep one. */
BB_API struct bb_conf *bb_conf_ref(struct bb_conf *c);
BB_API void bb_conf_unref(struct bb_conf *c);

/* --- typed arguments of applications, functions and commands --- */

struct bb_args_error {
	size_t offset; /**< Of the bad argument in the text. */
	const char *field; /**< Its name, or NULL. */
	char text[200]; /**< One sentence without final dot. */
	char ignored[16]; /**< Option letters nobody declared: skipped, not an error. Terminated. */
};

/**
 * Split @p text by commas (quotes, backslashes, nested parentheses and brackets as
 * Asterisk's applications do) and fill @p dst by the fields. @p text is after substitution.
 * Everything that @p dst points at lives in @p a.
 * As in Asterisk a bad value of what may be left out, and arguments too many, are left out:
 * e->text says so.
 * @return 0, -EINVAL with *e filled, -ENOMEM.
 */
BB_API int bb_args_parse(const struct bb_field *fields, struct bb_str text, void *dst,
			 struct bb_arena *a, struct bb_args_error *e);
/** Split alone: pieces of @p text, quotes and backslashes as they stand. @return how many. */
BB_API int bb_args_pieces(struct bb_str text, char sep, struct bb_str *pieces, size_t max);
/** Where arguments stand that are judged, and who knows what they name. */
struct bb_args_judge {
	struct bb_where at; /**< Of the text's first character; used without .where. */
	/** Of any character of the text (or its end). NULL: they follow one another on one line. */
	struct bb_where (*where)(const char *p, void *arg);
	/**
	 * @p text, a view of the arguments, names something. It may hold `${…}`.
	 * @param letter it stood in the parentheses of an option letter. May be NULL.
	 */
	void (*named)(enum bb_refers refers, struct bb_str text, bool letter, void *arg);
	void *arg;
};
/**
 * Judge arguments as written, before substitution: `${…}` and `$[…]` are
 * opaque, only wholly literal fields and literal option letters are judged.
 * @param who "Dial": said in the sentences, and the peer's option letters are known by it.
 */
BB_API void bb_args_check(const char *who, const struct bb_field *fields, struct bb_str text,
			  const struct bb_args_judge *j, struct bb_diag *d);
/** Bytes that a field of this type fills; 0: no such type. */
size_t bb_field_size(enum bb_type type);
/**
 * One field from one text, as configuration and arguments both do it.
 * @return 0, -ENOMEM, or -EINVAL with one sentence in @p why.
 */
BB_API int bb_field_parse(const struct bb_field *f, struct bb_str text, void *dst,
			  struct bb_arena *a, char *why, size_t cap);
/** "1.5", "20s", "5m", "1h", "250ms"; a bare number counts in @p unit. @return -EINVAL, -ERANGE. */
BB_API int bb_duration_parse(struct bb_str text, enum bb_unit unit, bb_time *out);

/* --- facts: what the peers know --- */

/** Known to Asterisk (whether or not it is built here). Names without case. */
BB_API bool bb_known_app(struct bb_str name);
BB_API bool bb_known_func(struct bb_str name);
/** What to use instead of an application or function that Asterisk had and has given up; NULL. */
BB_API const char *bb_known_instead(struct bb_str name);
/** Option letters that Asterisk's application @p app has, "" when none are known. */
BB_API const char *bb_known_letters(const char *app);
BB_API bool bb_known_file(struct bb_str base_name);
/** "pjsip.conf" type= words. */
BB_API bool bb_known_sip_type(struct bb_str type);
/** All of them, NULL-ended, for "did you mean". */
BB_API const char *const *bb_known_apps(void);
BB_API const char *const *bb_known_funcs(void);

/* --- options of the program (bellbird.conf or asterisk.conf) --- */

struct bb_settings {
	struct bb_str system_name, language;
	int64_t maxcalls; /**< 0: no limit. */
	int64_t verbose, debug;
	bool strict, live_dangerously;
	int64_t media_threads; /**< 0: one a core. */
	bb_time stall_limit;
	int durability; /**< 0 normal, 1 full: the store's synchronous=FULL. */
};
/** Never NULL; defaults before the first load. */
BB_API const struct bb_settings *bb_settings(void);

/** The room: first of all. @p path is -C (a directory, or the path of a bellbird.conf or
 * asterisk.conf), or NULL; @p state is -S or NULL. */
BB_API int bb_config_init(const char *path, const char *state);
/** Can what -C named (@p path, NULL when it named nothing) be read? @return 0 or -errno. */
BB_API int bb_config_look(const char *path);
BB_API void bb_config_close(void);

/* --- inside the room, and between it and the registry --- */

/** A copy of a file name that lives until bb_config_close(). NULL without memory. */
BB_API const char *bb_conf_intern(const char *path);
BB_API void bb_conf_intern_free(void);

/** The whole file, terminated; bb_free() it. On the pool when called in a fiber. @return -errno,
 * -EFBIG. */
BB_API int bb_conf_slurp(const char *path, char **data, size_t *len);
/** Paths that match, sorted, into @p out as consecutive terminated strings. @return how many, or
 * -errno. */
BB_API int bb_conf_glob(const char *pattern, struct bb_buf *out);

/** Forget the time zones that were read. */
void bb_zones_close(void);

/** Sections of @p text that stand in @p t now (reader). */
BB_API struct bb_conf_section *bb_conf_section_find(const struct bb_conf_text *t,
						    struct bb_str name, bool templates);

/** The hidden head of an object; .data is what its owner sees. */
struct conf_obj {
	const char *name, *file;
	struct bb_where at;
	struct bb_arena *arena;
	struct bb_conf_value *lines;
	size_t n_lines;
	_Alignas(max_align_t) unsigned char data[];
};
/** Fill one section into a new object. What is wrong with it goes to @p d. @return 0 or -ENOMEM. */
int bb_conf_obj_new(struct conf_obj **op, const struct bb_conf_type *t,
		    const struct bb_conf_text *text, const struct bb_conf_section *s,
		    struct bb_diag *d);

/** Who wants objects of a type, for bb_conf_build(). */
struct bb_conf_claim {
	const struct bb_conf_type *type;
	const char *module;
	bool keep; /**< Take the objects of the base set instead of reading. */
};
/**
 * Read every claimed file and make all objects. Mistakes go to @p d; a set is
 * returned unless memory is short, and must not go live when @p d refuses.
 * @param whole judge also what nobody claims: unknown types, sections and files.
 */
BB_API int bb_conf_build(struct bb_conf **cp, const struct bb_conf *base,
			 const struct bb_conf_claim *claims, size_t n, bool whole,
			 struct bb_diag *d);
/** Say of every .conf file of the directory that nobody reads whether it is known. */
int bb_conf_judge_directory(const struct bb_conf *c, struct bb_diag *d);
/** Swap the live set; the old one is dropped at its last reference. NULL: an empty one. */
BB_API void bb_conf_set_live(struct bb_conf *c);
/** The module whose types these are is about to be closed: forget their objects. */
BB_API void bb_conf_forget(struct bb_conf *c, const struct bb_conf_type *types);
BB_API size_t bb_conf_count(const struct bb_conf *c, const struct bb_conf_type *type);
/** The walk of all types of a set; NULL past the end. */
BB_API const struct bb_conf_type *bb_conf_type_at(const struct bb_conf *c, size_t i);
/** Names under which a canonical file may stand in a directory, preferred first; NULL-ended. */
BB_API const char *const *bb_conf_file_names(const char *canonical);

/** The walk of bb_conf_raw(): all files of a set; NULL past the end. */
const struct bb_conf_text *bb_conf_text_at(const struct bb_conf *c, size_t i);
/** Is the target of "SIP/alice" defined in a set? @return 1, 0, -ENOSYS cannot tell. */
BB_API int bb_conf_device_known(const struct bb_conf *next, struct bb_str device);
/** Known sections that are not built, by file. */
BB_API bool bb_known_section(const char *file, struct bb_str name);

/** Did [directories] say it? */
BB_API bool bb_path_given(const char *which);
/** The live [options] object; NULL: the defaults again. */
void bb_settings_set(const void *obj);
/** What [options] strict of a set says. */
BB_API bool bb_settings_strict(const struct bb_conf *c);
/** The room as a part of the load: [options]. Added by bb_registry_init(). */
extern const struct bb_module bb_settings_module;
/** logger.conf. Added by bb_registry_init(). */
extern const struct bb_module bb_logger_module;

/** Read [options] alone, before anything else is there; mistakes are told later. */
int bb_settings_read(void);

#endif
