/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * bellbird/cdr.h - call records: one row a leg at its hangup, one a call at its end.
 */
#ifndef BB_CDR_H
#define BB_CDR_H

#include <bellbird/module.h>

BB_BEGIN_DECLS

/** A record. Texts are valid during the call to a sink. Times are bb_wall(), 0 unset. */
struct bb_cdr {
	bool whole_call; /**< The call's row; otherwise one leg's.      */
	const char *linkedid, *uniqueid, *sequence;
	const char *channel, *dstchannel;
	const char *src, *clid, *dst, *dcontext, *accountcode, *lastapp, *lastdata, *userfield;
	const char *disposition; /**< ANSWERED, NO ANSWER, BUSY, FAILED, CONGESTION */
	bb_time start, answer, end;
	int64_t duration, billsec; /**< Seconds.                                  */
	unsigned cause;
	const char *reason; /**< In plain words, from the story.            */
	unsigned legs;
	const char *codec;
	double mos; /**< 0 unknown.                                 */
};

struct bb_chan;
#define BB_CLID_SIZE 168
/**
 * The leg's record as it would be now. Its texts live as long as the channel
 * does not change; .clid is written to @p clid. Control thread.
 */
BB_API void bb_cdr_of(struct bb_chan *ch, struct bb_cdr *r, char clid[BB_CLID_SIZE]);

/** Where records go (BB_CDR_SINK). Must not block. */
struct bb_cdr_sink {
	const char *name;
	void (*record)(const struct bb_cdr *r);
	struct bb_doc doc;
};

BB_END_DECLS
#endif
