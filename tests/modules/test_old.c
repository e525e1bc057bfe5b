/* SPDX-License-Identifier: BSD-3-Clause */
/* Built, as it were, for another ABI: must be refused in one sentence. */
#include <bellbird/module.h>

BB_API extern const struct bb_module bb_module;
const struct bb_module bb_module = {
	.magic = BB_ABI_MAGIC,
	.abi_major = BB_ABI_MAJOR + 1,
	.abi_minor = 0,
	.size = sizeof(struct bb_module),
	.name = "test_old",
};
