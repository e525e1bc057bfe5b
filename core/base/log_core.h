/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * core/base/log_core.h - where log lines go.
 */
#ifndef BB_CORE_LOG_H
#define BB_CORE_LOG_H

#include <bellbird/log.h>

/** "ERROR", "WARNING" … */
BB_API const char *bb_log_level_name(enum bb_log_level level);

#endif
