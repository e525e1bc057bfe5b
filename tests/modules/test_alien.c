/* SPDX-License-Identifier: BSD-3-Clause */
/* A shared object that is no module at all. */
int test_alien_is_loaded(void);

__attribute__((visibility("default"))) int test_alien_is_loaded(void)
{
	return 1;
}
