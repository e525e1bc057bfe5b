/* SPDX-License-Identifier: BSD-3-Clause */
#include <bellbird/base.h>

int main(void)
{
	return 0;
}
