/* SPDX-License-Identifier: BSD-3-Clause */
/* Sending, repeating and answering: what every telephone does below its calls. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "house.h"
#include "ua.h"

/* --- what is repeated --- */

static void sent_free(struct sent *s)
{
	bb_timer_cancel(&s->timer);
	bb_list_remove(&s->node);
	free(s);
}

static void again(void *arg)
{
	struct sent *s = arg;

	if (bb_now() >= s->until) {
		leg_timeout(s);
		sent_free(s);
		return;
	}
	ua_put(s->ua, s->text);
	s->wait *= 2;
	/* An INVITE's intervals go on doubling (timer A); all others stop at T2. */
	if (!(s->request && s->invite) && s->wait > T2)
		s->wait = T2;
	if (bb_now() + s->wait > s->until)
		s->wait = s->until - bb_now();
	bb_timer_set(&s->timer, s->wait, again, s);
}

static struct sent *repeat(struct ua *ua, struct leg *l, const char *method, unsigned cseq,
			   const char *text)
{
	struct sent *s = calloc(1, sizeof(*s) + strlen(text) + 1);

	sim_must(s != NULL, "no memory");
	s->ua = ua;
	s->leg = l;
	s->cseq = cseq;
	s->invite = strcmp(method, "INVITE") == 0;
	snprintf(s->method, sizeof(s->method), "%s", method);
	strcpy(s->text, text);
	s->wait = T1;
	s->until = bb_now() + 64 * T1;
	bb_list_append(&ua->sent, &s->node);
	bb_timer_set(&s->timer, s->wait, again, s);
	return s;
}

void ua_put(struct ua *ua, const char *text)
{
	if (ua->udp)
		bb_udp_send(ua->udp, NULL, &ua->pbx, text, strlen(text));
}

void ua_send_request(struct ua *ua, struct leg *l, const char *method, unsigned cseq,
		     const char *branch, const char *text)
{
	struct sent *s = repeat(ua, l, method, cseq, text);

	s->request = true;
	snprintf(s->branch, sizeof(s->branch), "%s", branch);
	ua_put(ua, text);
}

void ua_stop(struct ua *ua, struct leg *l, bool request, unsigned cseq)
{
	bb_list_each (n, &ua->sent) {
		struct sent *s = bb_list_entry(n, struct sent, node);

		if (s->leg == l && s->request == request && s->cseq == cseq && s->invite)
			sent_free(s);
	}
}

bool ua_sending(struct ua *ua, struct leg *l, const char *method)
{
	bb_list_each (n, &ua->sent) {
		struct sent *s = bb_list_entry(n, struct sent, node);

		if (s->leg == l && s->request && strcmp(s->method, method) == 0)
			return true;
	}
	return false;
}

/* --- answering --- */

static void remember(struct ua *ua, const char *request, const char *response)
{
	char via[UA_SHORT], branch[80], method[12];
	unsigned at = UA_SERVED;

	sim_header(request, "Via", 0, via, sizeof(via));
	sim_param(via, "branch", branch, sizeof(branch));
	sim_method(request, method, sizeof(method));
	for (unsigned i = 0; i < UA_SERVED; i++)
		if (strcmp(ua->served[i].branch, branch) == 0 &&
		    strcmp(ua->served[i].method, method) == 0)
			at = i;
	if (at == UA_SERVED)
		at = ua->served_at++ % UA_SERVED;
	free(ua->served[at].text);
	ua->served[at].text = response ? strdup(response) : NULL;
	snprintf(ua->served[at].branch, sizeof(branch), "%s", branch);
	snprintf(ua->served[at].method, sizeof(method), "%s", method);
}

/* The same request once more: the same answer once more. */
static bool served(struct ua *ua, const char *request)
{
	char via[UA_SHORT], branch[80], method[12];

	sim_header(request, "Via", 0, via, sizeof(via));
	sim_param(via, "branch", branch, sizeof(branch));
	sim_method(request, method, sizeof(method));
	for (unsigned i = 0; i < UA_SERVED; i++) {
		if (strcmp(ua->served[i].branch, branch) != 0 ||
		    strcmp(ua->served[i].method, method) != 0)
			continue;
		if (ua->served[i].text)
			ua_put(ua, ua->served[i].text);
		return true;
	}
	remember(ua, request, NULL);
	return false;
}

static size_t copy_header(char *dst, size_t cap, const char *request, const char *name, unsigned n,
			  const char *after)
{
	char v[UA_SHORT * 2];

	sim_header(request, name, n, v, sizeof(v));
	if (!*v)
		return 0;
	return (size_t)snprintf(dst, cap, "%s: %s%s\r\n", name, v, after);
}

void ua_reply(struct ua *ua, struct leg *l, const char *request, unsigned code, const char *to_tag,
	      const char *extra, const char *body)
{
	char text[UA_TEXT], to[UA_SHORT * 2], tag[UA_SHORT + 8] = "", has[64], method[12], cseq[32];
	size_t at;

	sim_header(request, "To", 0, to, sizeof(to));
	sim_param(to, "tag", has, sizeof(has));
	if (!*has && *to_tag)
		snprintf(tag, sizeof(tag), ";tag=%s", to_tag);
	at = (size_t)snprintf(text, sizeof(text), "SIP/2.0 %u %s\r\n", code,
			      code < 200   ? "Wait"
			      : code < 300 ? "OK"
					   : "No");
	for (unsigned i = 0, n = 1; n; i++)
		at += n = copy_header(text + at, sizeof(text) - at, request, "Via", i, "");
	for (unsigned i = 0, n = 1; n; i++)
		at += n = copy_header(text + at, sizeof(text) - at, request, "Record-Route", i, "");
	at += copy_header(text + at, sizeof(text) - at, request, "From", 0, "");
	at += copy_header(text + at, sizeof(text) - at, request, "To", 0, tag);
	at += copy_header(text + at, sizeof(text) - at, request, "Call-ID", 0, "");
	at += copy_header(text + at, sizeof(text) - at, request, "CSeq", 0, "");
	snprintf(text + at, sizeof(text) - at, "%s%sContent-Length: %zu\r\n\r\n%s", extra,
		 *body ? "Content-Type: application/sdp\r\n" : "", strlen(body), body);
	remember(ua, request, text);
	ua_put(ua, text);
	sim_method(request, method, sizeof(method));
	if (strcmp(method, "INVITE") == 0 && code >= 200) {
		sim_header(request, "CSeq", 0, cseq, sizeof(cseq));
		repeat(ua, l, method, (unsigned)atoi(cseq), text)->success = code < 300;
	}
}

/* --- what comes --- */

static void registered(struct ua *ua, const char *msg, unsigned code)
{
	char v[UA_SHORT], cseq[32];

	sim_header(msg, "CSeq", 0, cseq, sizeof(cseq));
	if ((unsigned)atoi(cseq) != ua->reg_cseq)
		return;
	ua->reg_code = code;
	if (code == 401 && ua->reg_tries++ < 3) {
		char auth[4 * UA_SHORT];

		sim_header(msg, "WWW-Authenticate", 0, v, sizeof(v));
		sim_authorization(v, ua->name, ua->password, "REGISTER", "sip:127.0.0.1", auth,
				  sizeof(auth));
		ua_send_register(ua, auth);
	} else if (code == 200) {
		ua->reg_bindings = 0;
		for (;; ua->reg_bindings++) {
			sim_header(msg, "Contact", ua->reg_bindings, v, sizeof(v));
			if (!*v)
				break;
		}
	}
}

static void response(struct ua *ua, const char *msg)
{
	char via[UA_SHORT], branch[80], method[12];
	unsigned code = sim_status(msg);
	bool known = false;

	sim_header(msg, "Via", 0, via, sizeof(via));
	sim_param(via, "branch", branch, sizeof(branch));
	sim_method(msg, method, sizeof(method));
	bb_list_each (n, &ua->sent) {
		struct sent *s = bb_list_entry(n, struct sent, node);

		if (!s->request || strcmp(s->branch, branch) != 0 || strcmp(s->method, method) != 0)
			continue;
		known = true;
		if (code >= 200) {
			sent_free(s);
		} else if (s->invite) {
			bb_timer_cancel(&s->timer);
		} else {
			s->wait = T2;
		}
		break;
	}
	if (strcmp(method, "REGISTER") == 0) {
		if (known && code >= 200)
			registered(ua, msg, code);
		return;
	}
	leg_response(ua, msg, known);
}

static void on_recv(struct bb_udp *u, struct bb_dgram *d, void *arg)
{
	struct ua *ua = arg;
	char method[12];

	d->data[d->len] = '\0';
	if (ua->manners.deaf)
		return;
	if (sim_status(d->data)) {
		response(ua, d->data);
		return;
	}
	sim_method(d->data, method, sizeof(method));
	if (strcmp(method, "ACK") == 0 || !served(ua, d->data))
		leg_request(ua, d->data);
}

static const struct bb_udp_ops ops = { .recv = on_recv };

/* --- life --- */

struct ua *ua_new(const char *name, unsigned n)
{
	struct ua *ua = calloc(1, sizeof(*ua));
	char text[32];

	sim_must(ua != NULL, "no memory");
	snprintf(ua->name, sizeof(ua->name), "%s", name);
	snprintf(ua->password, sizeof(ua->password), "secret%s", name);
	snprintf(text, sizeof(text), "127.0.1.%u:5060", n);
	bb_addr_parse(&ua->addr, bb_strz(text));
	bb_addr_print_host(&ua->addr, ua->host);
	bb_addr_parse(&ua->pbx, BB_STR("127.0.0.1:5060"));
	snprintf(ua->reg_id, sizeof(ua->reg_id), "reg-%s-%08x", name, sim_random(0, 0x7fffffff));
	sim_must(bb_udp_open(&ua->udp, &ua->addr, &ops, ua) == 0, "%s has no socket", text);
	return ua;
}

void ua_vanish(struct ua *ua)
{
	struct bb_node *n;

	if (ua->udp)
		bb_udp_close(ua->udp);
	ua->udp = NULL;
	while ((n = ua->sent.head))
		sent_free(bb_list_entry(n, struct sent, node));
	bb_list_each (m, &ua->legs) {
		struct leg *l = bb_list_entry(m, struct leg, node);

		bb_timer_cancel(&l->timer);
		l->state = LEG_OVER;
	}
}

void ua_free(struct ua *ua)
{
	struct bb_node *n;

	ua_vanish(ua);
	while ((n = bb_list_pop(&ua->legs)))
		leg_free(bb_list_entry(n, struct leg, node));
	for (unsigned i = 0; i < UA_SERVED; i++)
		free(ua->served[i].text);
	free(ua);
}

const char *ua_contact(const struct ua *ua)
{
	static char text[UA_SHORT];

	snprintf(text, sizeof(text), "<sip:%s@%s:5060>", ua->name, ua->host);
	return text;
}

void ua_send_register(struct ua *ua, const char *auth)
{
	char text[UA_TEXT], branch[80];

	sim_branch(branch, sizeof(branch));
	ua->reg_cseq++;
	snprintf(text, sizeof(text),
		 "REGISTER sip:127.0.0.1 SIP/2.0\r\n"
		 "Via: SIP/2.0/UDP %s:5060;rport;branch=%s\r\n"
		 "Max-Forwards: 70\r\n"
		 "From: <sip:%s@127.0.0.1>;tag=%s%u\r\n"
		 "To: <sip:%s@127.0.0.1>\r\n"
		 "Call-ID: %s\r\n"
		 "CSeq: %u REGISTER\r\n"
		 "Contact: %s\r\n"
		 "%s%s\r\n%s"
		 "Content-Length: 0\r\n\r\n",
		 ua->host, branch, ua->name, ua->name, ua->reg_cseq, ua->name, ua->reg_id,
		 ua->reg_cseq, ua->reg_contact, "Expires: ", ua->reg_expires, auth);
	ua_send_request(ua, NULL, "REGISTER", ua->reg_cseq, branch, text);
}

void ua_register(struct ua *ua, const char *contact, unsigned expires)
{
	ua->reg_code = 0;
	ua->reg_tries = 0;
	snprintf(ua->reg_contact, sizeof(ua->reg_contact), "%s", contact);
	snprintf(ua->reg_expires, sizeof(ua->reg_expires), "%u", expires);
	ua_send_register(ua, "");
}
