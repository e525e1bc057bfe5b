# SPDX-License-Identifier: BSD-3-Clause
# core/channel
noinst_HEADERS += core/channel/channel.h
