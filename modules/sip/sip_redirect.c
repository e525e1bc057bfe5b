/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * sip_redirect.c - a redirect server (RFC 3261 §8.3, §13.3.1.2): requests that
 * a route sends here are answered with all contacts of the address of record,
 * best first, from the configuration and the location store.
 */
#include <stdio.h>

#include <bellbird/sip.h>

static const struct bb_sip_api *sip;

#define CONTACTS_MAX 16

struct answer {
	struct bb_str asked; /* Request-URI: nobody is sent back to it (§8.3) */
	struct bb_sip_header headers[CONTACTS_MAX];
	char text[CONTACTS_MAX][300];
	size_t n;
};

static void put_contact(const struct bb_sip_contact *c, void *arg)
{
	struct answer *a = arg;
	int len;

	if (a->n == CONTACTS_MAX || c->status == BB_SIP_UNREACHABLE ||
	    sip->uri_eq(c->target.uri, a->asked))
		return;
	len = snprintf(a->text[a->n], sizeof(a->text[0]), "<%.*s>;q=%u.%03u", BB_FMT(c->target.uri),
		       c->q / 1000, c->q % 1000);
	if (len < 0 || (size_t)len >= sizeof(a->text[0]))
		return;
	a->headers[a->n].name = BB_STR("Contact");
	a->headers[a->n].value = bb_strn(a->text[a->n], (size_t)len);
	a->n++;
}

static enum bb_sip_verdict redirect(struct bb_sip_request *rq)
{
	struct answer a = { .asked = rq->uri_text };
	char user[128];
	int known;

	if (rq->action != BB_SIP_TO_REDIRECT)
		return BB_SIP_PASS;
	known = sip->unescape(rq->uri.user, user, sizeof(user));
	known = known ? -ENOENT : sip->contacts(bb_strz(user), put_contact, &a);
	if (a.n) {
		bb_story_add(rq->story, "", BB_STORY_DECISION, "redirected to %zu contacts of %.*s",
			     a.n, BB_FMT(rq->uri.user));
		bb_story_reason(rq->story, 16, "redirected to the contacts of %.*s",
				BB_FMT(rq->uri.user));
		sip->respond(rq, 302, NULL, a.headers, a.n);
	} else if (known == -ENOENT) {
		bb_story_reason(rq->story, 1, "there is no address of record '%.*s'",
				BB_FMT(rq->uri.user));
		sip->respond(rq, 404, NULL, NULL, 0);
	} else {
		bb_story_reason(rq->story, 20, "'%.*s' is not registered", BB_FMT(rq->uri.user));
		sip->respond(rq, 480, NULL, NULL, 0);
	}
	return BB_SIP_CLAIMED;
}

static const struct bb_sip_handler handler = {
	.name = "redirect",
	.methods = BB_SIP_INVITE | BB_SIP_MESSAGE | BB_SIP_SUBSCRIBE,
	.request = redirect,
	.doc = { .summary = "Answer with the contacts of an address of record", .since = "0.1" },
};
static const struct bb_extension extension = {
	.service = "sip/1", .point = "request", .desc = &handler, .name = "redirect"
};

static int start(struct bb_self *self, struct bb_diag *d)
{
	(void)d;
	sip = bb_service_get(self, "sip/1");
	return sip ? 0 : -ENOENT;
}

BB_MODULE(sip_redirect, .needs = (const char *const[]){ "sip/1", NULL },
	  .provides = (const struct bb_provide[]){ BB_EXTENDS(&extension), { 0 } },
	  .doc = { .summary = "Redirect requests to registered contacts", .since = "0.1" },
	  .start = start);
