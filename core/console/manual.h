/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * core/console/manual.h - from the manual's XML to a page.
 */
#ifndef BB_CONSOLE_MANUAL_H
#define BB_CONSOLE_MANUAL_H

#include <libxml/tree.h>

/** A new HTML document that tells what @p manual holds; NULL without memory. */
xmlDoc *bb_manual_page(xmlDoc *manual);

#endif
