/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * bellbird/func.h - a dial plan function: ${NAME(args)} and Set(NAME(args)=…).
 */
#ifndef BB_FUNC_H
#define BB_FUNC_H

#include <bellbird/dialplan.h>
#include <bellbird/module.h>

BB_BEGIN_DECLS

struct bb_func {
	const char *name; /**< "CALLERID"                             */
	const struct bb_field *args; /**< {0}-ended, positional.                 */
	size_t args_size;
	/**
	 * Read. Runs in a fiber and may wait; @p ch may be NULL (no channel).
	 * Append the value to @p out. @return 0 or a negative errno, which is
	 * logged with file and line and reads as "".
	 */
	int (*read)(struct bb_chan *ch, const void *args, struct bb_buf *out);
	/** Write; NULL: read-only. */
	int (*write)(struct bb_chan *ch, const void *args, struct bb_str value);
	struct bb_doc doc;
};

BB_END_DECLS
#endif
