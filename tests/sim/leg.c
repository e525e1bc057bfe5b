/* SPDX-License-Identifier: BSD-3-Clause */
/* Calls as a telephone has them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "house.h"
#include "ua.h"

static void set_over(struct leg *l)
{
	bb_timer_cancel(&l->timer);
	l->state = LEG_OVER;
}

/* --- descriptions --- */

static void put_sdp(struct leg *l, const char *dir, char *dst, size_t cap)
{
	char rest[64], *save = NULL;
	size_t at;

	l->sdp_version++;
	at = (size_t)snprintf(dst, cap,
			      "v=0\r\no=- %u %u IN IP4 %s\r\ns=-\r\nc=IN IP4 %s\r\nt=0 0\r\n"
			      "%sm=audio %u RTP/AVP %s\r\n",
			      l->rtp_port, l->sdp_version, l->ua->host, l->ua->host,
			      l->ua->manners.video ? "m=video 9000 RTP/AVP 31\r\n" : "",
			      l->rtp_port, l->codecs);
	snprintf(rest, sizeof(rest), "%s", l->codecs);
	for (char *pt = strtok_r(rest, " ", &save); pt; pt = strtok_r(NULL, " ", &save))
		at += (size_t)snprintf(dst + at, cap - at, "a=rtpmap:%s %s/8000\r\n", pt,
				       strcmp(pt, "0") == 0   ? "PCMU"
				       : strcmp(pt, "8") == 0 ? "PCMA"
				       : strcmp(pt, "9") == 0 ? "G722"
				       : strcmp(pt, "3") == 0 ? "GSM"
							      : "telephone-event");
	snprintf(dst + at, cap - at, "a=%s\r\n", dir);
}

/* The codecs of an offer that we have too, in its order: "0 101". */
static void choose(struct leg *l, const char *offer)
{
	const char *m = strstr(sim_body(offer), "m=audio "), *end;
	const char *mine = l->ua->manners.codecs ? l->ua->manners.codecs : "0 8 101";
	char line[160], own[80], chosen[64] = "", *save = NULL;
	bool voice = false;

	if (!m)
		return;
	end = strstr(m, "\r\n");
	snprintf(line, sizeof(line), "%.*s", (int)(end - m), m);
	snprintf(own, sizeof(own), " %s ", mine);
	strtok_r(line, " ", &save);
	strtok_r(NULL, " ", &save);
	strtok_r(NULL, " ", &save);
	for (char *pt = strtok_r(NULL, " ", &save); pt; pt = strtok_r(NULL, " ", &save)) {
		char word[16];

		snprintf(word, sizeof(word), " %s ", pt);
		if (!strstr(own, word) || (voice && strcmp(pt, "101") != 0))
			continue;
		voice = voice || strcmp(pt, "101") != 0;
		snprintf(chosen + strlen(chosen), sizeof(chosen) - strlen(chosen), "%s%s",
			 *chosen ? " " : "", pt);
	}
	if (voice)
		snprintf(l->codecs, sizeof(l->codecs), "%s", chosen);
}

static const char *flipped(const char *dir)
{
	return strcmp(dir, "sendonly") == 0   ? "recvonly"
	       : strcmp(dir, "recvonly") == 0 ? "sendonly"
	       : strcmp(dir, "inactive") == 0 ? "inactive"
					      : "sendrecv";
}

/* --- making and finding --- */

static struct leg *new_leg(struct ua *ua)
{
	struct leg *l = calloc(1, sizeof(*l));

	sim_must(l != NULL, "no memory");
	l->ua = ua;
	l->rtp_port = 40000 + 2 * (ua->n_calls++ % 1000);
	snprintf(l->codecs, sizeof(l->codecs), "%s",
		 ua->manners.codecs ? ua->manners.codecs : "0 8 101");
	snprintf(l->dir, sizeof(l->dir), "sendrecv");
	bb_list_append(&ua->legs, &l->node);
	return l;
}

void leg_free(struct leg *l)
{
	bb_timer_cancel(&l->timer);
	free(l->invite);
	free(l);
}

struct leg *ua_leg(const struct ua *ua)
{
	struct leg *last = NULL;

	bb_list_each (n, &ua->legs)
		last = bb_list_entry(n, struct leg, node);
	return last;
}

static struct leg *find(struct ua *ua, const char *msg, const char *own_header)
{
	char call_id[80], v[UA_SHORT], tag[64];

	sim_header(msg, "Call-ID", 0, call_id, sizeof(call_id));
	sim_header(msg, own_header, 0, v, sizeof(v));
	sim_param(v, "tag", tag, sizeof(tag));
	bb_list_each (n, &ua->legs) {
		struct leg *l = bb_list_entry(n, struct leg, node);

		if (strcmp(l->call_id, call_id) == 0 && strncmp(l->from_tag, tag, 12) == 0)
			return l;
	}
	return NULL;
}

/* --- requests of ours --- */

static void request(struct leg *l, const char *method, unsigned cseq, const char *branch,
		    const char *extra, const char *type, const char *body, char *text)
{
	struct ua *ua = l->ua;

	snprintf(text, UA_TEXT,
		 "%s %s SIP/2.0\r\n"
		 "Via: SIP/2.0/UDP %s:5060;rport;branch=%s\r\n"
		 "Max-Forwards: 70\r\n%s"
		 "From: <sip:%s@127.0.0.1>;tag=%s\r\n"
		 "To: %s%s%s\r\n"
		 "Call-ID: %s\r\n"
		 "CSeq: %u %s\r\n"
		 "Contact: %s\r\n"
		 "%s%s%s%sContent-Length: %zu\r\n\r\n%s",
		 method, l->target, ua->host, branch, l->route, ua->name, l->from_tag,
		 l->remote_uri, *l->to_tag ? ";tag=" : "", l->to_tag, l->call_id, cseq, method,
		 ua_contact(ua), extra, *type ? "Content-Type: " : "", type, *type ? "\r\n" : "",
		 strlen(body), body);
}

static void send_invite(struct leg *l, const char *auth)
{
	char text[UA_TEXT], sdp[1024];

	put_sdp(l, "sendrecv", sdp, sizeof(sdp));
	sim_branch(l->invite_branch, sizeof(l->invite_branch));
	l->invite_cseq = ++l->cseq;
	request(l, "INVITE", l->invite_cseq, l->invite_branch, auth, "application/sdp", sdp, text);
	ua_send_request(l->ua, l, "INVITE", l->invite_cseq, l->invite_branch, text);
}

struct leg *leg_invite(struct ua *ua, const char *number)
{
	struct leg *l = new_leg(ua);

	l->outgoing = true;
	l->state = LEG_CALLING;
	snprintf(l->number, sizeof(l->number), "%s", number);
	snprintf(l->call_id, sizeof(l->call_id), "%s-%08x%08x", ua->name, sim_random(0, 0x7fffffff),
		 sim_random(0, 0x7fffffff));
	snprintf(l->from_tag, sizeof(l->from_tag), "t%011x", sim_random(1, 0x7fffffff));
	snprintf(l->remote_uri, sizeof(l->remote_uri), "<sip:%s@127.0.0.1>", number);
	snprintf(l->target, sizeof(l->target), "sip:%s@127.0.0.1", number);
	send_invite(l, "");
	return l;
}

/* ACK and CANCEL of the INVITE go by what it was sent with. */
static void put_ack(struct ua *ua, struct leg *l, const char *rsp, bool success)
{
	char text[UA_TEXT], to[UA_SHORT * 2], cseq[32], via[UA_SHORT], branch[80];

	sim_header(rsp, "To", 0, to, sizeof(to));
	sim_header(rsp, "CSeq", 0, cseq, sizeof(cseq));
	sim_header(rsp, "Via", 0, via, sizeof(via));
	if (success)
		sim_branch(branch, sizeof(branch));
	else
		sim_param(via, "branch", branch, sizeof(branch));
	snprintf(text, sizeof(text),
		 "ACK %s SIP/2.0\r\n"
		 "Via: SIP/2.0/UDP %s:5060;rport;branch=%s\r\n"
		 "Max-Forwards: 70\r\n"
		 "From: <sip:%s@127.0.0.1>;tag=%s\r\n"
		 "To: %s\r\nCall-ID: %s\r\nCSeq: %u ACK\r\nContent-Length: 0\r\n\r\n",
		 l->target, ua->host, branch, ua->name, l->from_tag, to, l->call_id,
		 (unsigned)atoi(cseq));
	ua_put(ua, text);
}

static void send_cancel(struct leg *l)
{
	char text[UA_TEXT];

	if (!l->provisional || l->state != LEG_CALLING)
		return;
	request(l, "CANCEL", l->invite_cseq, l->invite_branch, "", "", "", text);
	ua_send_request(l->ua, l, "CANCEL", l->invite_cseq, l->invite_branch, text);
}

void leg_cancel(struct leg *l)
{
	if (l->state != LEG_CALLING || l->cancel_sent)
		return;
	l->cancel_sent = true;
	send_cancel(l); /* else when a provisional response comes (section 9.1) */
}

static void send_in_dialog(struct leg *l, const char *method, const char *type, const char *body)
{
	char text[UA_TEXT], branch[80];

	sim_branch(branch, sizeof(branch));
	l->cseq++;
	request(l, method, l->cseq, branch, "", type, body, text);
	ua_send_request(l->ua, l, method, l->cseq, branch, text);
}

void leg_bye(struct leg *l)
{
	if (l->state != LEG_UP)
		return;
	l->bye_sent = true;
	set_over(l);
	send_in_dialog(l, "BYE", "", "");
}

void leg_hangup(struct leg *l)
{
	if (!l)
		return;
	if (l->state == LEG_CALLING)
		leg_cancel(l);
	else if (l->state == LEG_CALLED && !l->answered)
		leg_refuse(l, 486);
	else if (l->state == LEG_UP)
		leg_bye(l);
}

void leg_offer(struct leg *l, const char *dir, const char *codecs)
{
	char sdp[1024];

	if (l->state != LEG_UP || ua_sending(l->ua, l, "INVITE"))
		return;
	l->offer_code = 0;
	if (codecs)
		snprintf(l->codecs, sizeof(l->codecs), "%s", codecs);
	snprintf(l->dir, sizeof(l->dir), "%s", dir);
	put_sdp(l, dir, sdp, sizeof(sdp));
	send_in_dialog(l, "INVITE", "application/sdp", sdp);
}

void leg_ask_offer(struct leg *l)
{
	if (l->state == LEG_UP && !ua_sending(l->ua, l, "INVITE"))
		send_in_dialog(l, "INVITE", "", "");
}

void leg_digit(struct leg *l, char digit)
{
	char body[48];

	if (l->state != LEG_UP)
		return;
	snprintf(body, sizeof(body), "Signal=%c\r\nDuration=100\r\n", digit);
	send_in_dialog(l, "INFO", "application/dtmf-relay", body);
}

/* --- responses to ours --- */

static void learn_dialog(struct leg *l, const char *msg, const char *header)
{
	char v[UA_SHORT * 2];

	sim_header(msg, header, 0, v, sizeof(v));
	sim_param(v, "tag", l->to_tag, sizeof(l->to_tag));
	sim_header(msg, "Contact", 0, v, sizeof(v));
	if (*v)
		sim_uri(v, l->target, sizeof(l->target));
}

static void invite_ok(struct ua *ua, struct leg *l, const char *msg)
{
	char v[UA_SHORT * 2], tag[UA_SHORT];

	sim_header(msg, "To", 0, v, sizeof(v));
	sim_param(v, "tag", tag, sizeof(tag));
	l->oks++;
	if (l->state == LEG_CALLING) {
		learn_dialog(l, msg, "To");
		l->code = 200;
		l->state = LEG_UP;
		sim_direction(msg, l->offer_dir, sizeof(l->offer_dir));
		choose(l, msg);
	}
	if (ua->manners.never_acks)
		return;
	put_ack(ua, l, msg, true);
	l->acks++;
	/* The CANCEL came too late: the call stands, and is ended (section 15). */
	if (l->cancel_sent && l->state == LEG_UP)
		leg_bye(l);
}

static void note_media(struct leg *l, const char *msg)
{
	const char *m = sim_body(msg);
	size_t at = 0;

	l->media[0] = '\0';
	while ((m = strstr(m, "\r\nm=")) != NULL && at < sizeof(l->media)) {
		int type = (int)strcspn(m += 4, " "), port = (int)strcspn(m + type + 1, " ");

		at += (size_t)snprintf(l->media + at, sizeof(l->media) - at, "%.*s:%.*s ", type, m,
				       port, m + type + 1);
	}
}

static void invite_response(struct ua *ua, struct leg *l, const char *msg, unsigned code,
			    unsigned cseq, bool known)
{
	bool first = cseq == l->invite_cseq && l->outgoing;
	char v[4 * UA_SHORT], auth[4 * UA_SHORT];

	if (code < 200) {
		if (first && known && l->state == LEG_CALLING) {
			bool was = l->provisional;

			l->provisional = true;
			l->ringing += code > 100;
			if (l->cancel_sent && !was)
				send_cancel(l);
		}
		return;
	}
	if (code < 300 && (first || !l->outgoing || cseq != l->invite_cseq)) {
		if (first) {
			invite_ok(ua, l, msg);
			return;
		}
		put_ack(ua, l, msg, true);
		if (known) {
			l->offer_code = code;
			note_media(l, msg);
			sim_direction(msg, l->offer_dir, sizeof(l->offer_dir));
		}
		return;
	}
	put_ack(ua, l, msg, false);
	if (!known)
		return;
	if (!first) {
		l->offer_code = code;
		return;
	}
	if (l->state != LEG_CALLING)
		return;
	if ((code == 401 || code == 407) && !l->authorised && !l->cancel_sent) {
		l->authorised = true;
		l->provisional = false;
		sim_header(msg, code == 401 ? "WWW-Authenticate" : "Proxy-Authenticate", 0, v,
			   sizeof(v));
		sim_authorization(v, ua->name, ua->password, "INVITE", l->target, auth,
				  sizeof(auth));
		send_invite(l, auth);
		return;
	}
	l->code = code;
	set_over(l);
}

void leg_response(struct ua *ua, const char *msg, bool known)
{
	struct leg *l = find(ua, msg, "From");
	char method[12], cseq[32];
	unsigned code = sim_status(msg);

	if (!l) {
		ua->odd++;
		return;
	}
	sim_method(msg, method, sizeof(method));
	sim_header(msg, "CSeq", 0, cseq, sizeof(cseq));
	if (strcmp(method, "INVITE") == 0)
		invite_response(ua, l, msg, code, (unsigned)atoi(cseq), known);
	else if (strcmp(method, "INFO") == 0 && known && code >= 200)
		l->digits++;
}

void leg_timeout(struct sent *s)
{
	struct leg *l = s->leg;

	if (!l) {
		s->ua->reg_code = 408;
		return;
	}
	if (!s->request && s->success && l->state == LEG_UP) {
		leg_bye(l); /* our 2xx found no ACK (section 13.3.1.4) */
	} else if (s->request && s->invite && s->cseq == l->invite_cseq && l->outgoing) {
		l->code = 408;
		set_over(l);
	} else if (s->request && s->invite) {
		l->offer_code = 408;
		leg_bye(l);
	}
}

/* --- requests of theirs --- */

static void answer_late(void *arg)
{
	struct leg *l = arg;

	if (l->ua->manners.answers)
		leg_answer(l);
	else if (l->ua->manners.refuses || l->ua->manners.redirects)
		leg_refuse(l, l->ua->manners.refuses ? l->ua->manners.refuses : 302);
}

static void incoming(struct ua *ua, const char *msg)
{
	struct leg *l = new_leg(ua);
	char v[UA_SHORT * 2], extra[UA_SHORT * 2];

	l->state = LEG_CALLED;
	sim_header(msg, "Call-ID", 0, l->call_id, sizeof(l->call_id));
	snprintf(l->from_tag, sizeof(l->from_tag), "u%011x", sim_random(1, 0x7fffffff));
	sim_header(msg, "From", 0, v, sizeof(v));
	sim_uri(v, l->number, sizeof(l->number));
	snprintf(l->remote_uri, sizeof(l->remote_uri), "<%s>", l->number);
	learn_dialog(l, msg, "From");
	choose(l, msg);
	l->invite = strdup(msg);
	if (!ua->manners.no_trying)
		ua_reply(ua, l, msg, 100, "", "", "");
	snprintf(extra, sizeof(extra), "Contact: %s\r\n", ua_contact(ua));
	if (!ua->manners.no_ringing)
		ua_reply(ua, l, msg, 180, l->from_tag, extra, "");
	for (unsigned i = 0; i < ua->manners.forks; i++) {
		char tag[64];

		snprintf(tag, sizeof(tag), "%s-%u", l->from_tag, i);
		ua_reply(ua, l, msg, 183, tag, extra, "");
	}
	if (ua->manners.answers || ua->manners.refuses || ua->manners.redirects)
		bb_timer_set(&l->timer, ua->manners.after, answer_late, l);
}

void leg_answer(struct leg *l)
{
	char sdp[1024], extra[UA_SHORT * 2];

	if (!l || l->state != LEG_CALLED || l->answered)
		return;
	l->answered = true;
	l->code = 200;
	l->state = LEG_UP;
	put_sdp(l, "sendrecv", sdp, sizeof(sdp));
	snprintf(extra, sizeof(extra), "Contact: %s\r\nAllow: INVITE, ACK, BYE, CANCEL, UPDATE\r\n",
		 ua_contact(l->ua));
	ua_reply(l->ua, l, l->invite, 200, l->from_tag, extra, sdp);
	for (unsigned i = 0; i < l->ua->manners.forks; i++) {
		char tag[64];

		snprintf(tag, sizeof(tag), "%s-%u", l->from_tag, i);
		ua_reply(l->ua, l, l->invite, 200, tag, extra, sdp);
	}
}

void leg_refuse(struct leg *l, unsigned code)
{
	char extra[UA_SHORT] = "";

	if (!l || l->state != LEG_CALLED || l->answered)
		return;
	l->answered = true;
	l->code = code;
	set_over(l);
	if (l->ua->manners.redirects)
		snprintf(extra, sizeof(extra), "Contact: %s\r\n", l->ua->manners.redirects);
	ua_reply(l->ua, l, l->invite, code, l->from_tag, extra, "");
}

static void reinvited(struct ua *ua, struct leg *l, const char *msg)
{
	char sdp[1024], extra[UA_SHORT * 2], dir[12];

	if (ua_sending(ua, l, "INVITE")) {
		ua_reply(ua, l, msg, 491, l->from_tag, "", "");
		return;
	}
	l->offers++;
	if (ua->manners.refuses_offers) {
		ua_reply(ua, l, msg, 488, l->from_tag, "", "");
		return;
	}
	learn_dialog(l, msg, "From");
	sim_direction(msg, dir, sizeof(dir));
	snprintf(l->offer_dir, sizeof(l->offer_dir), "%s", dir);
	choose(l, msg);
	put_sdp(l, flipped(dir), sdp, sizeof(sdp));
	snprintf(extra, sizeof(extra), "Contact: %s\r\n", ua_contact(ua));
	ua_reply(ua, l, msg, 200, l->from_tag, extra, sdp);
}

static void cancelled(struct ua *ua, const char *msg)
{
	char call_id[80];

	sim_header(msg, "Call-ID", 0, call_id, sizeof(call_id));
	bb_list_each (n, &ua->legs) {
		struct leg *l = bb_list_entry(n, struct leg, node);

		if (strcmp(l->call_id, call_id) != 0 || l->outgoing)
			continue;
		l->cancel_got = true;
		ua_reply(ua, l, msg, 200, l->from_tag, "", "");
		leg_refuse(l, 487);
		return;
	}
	ua_reply(ua, NULL, msg, 481, "none", "", "");
}

void leg_request(struct ua *ua, const char *msg)
{
	struct leg *l = find(ua, msg, "To");
	char method[12], cseq[32], v[UA_SHORT * 2], tag[64];

	sim_method(msg, method, sizeof(method));
	sim_header(msg, "CSeq", 0, cseq, sizeof(cseq));
	sim_header(msg, "To", 0, v, sizeof(v));
	sim_param(v, "tag", tag, sizeof(tag));
	if (strcmp(method, "ACK") == 0) {
		if (l) {
			l->acks++;
			ua_stop(ua, l, false, (unsigned)atoi(cseq));
		}
	} else if (strcmp(method, "CANCEL") == 0) {
		cancelled(ua, msg);
	} else if (strcmp(method, "INVITE") == 0 && !*tag) {
		incoming(ua, msg);
	} else if (!l || l->state == LEG_OVER) {
		if (l && strcmp(method, "BYE") == 0)
			l->bye_got = true;
		ua_reply(ua, l, msg, 481, "none", "", "");
	} else if (strcmp(method, "INVITE") == 0) {
		reinvited(ua, l, msg);
	} else if (strcmp(method, "BYE") == 0) {
		/* Also for one of the other dialogs of a fork, which ends that one alone. */
		ua_reply(ua, l, msg, 200, l->from_tag, "", "");
		if (strcmp(tag, l->from_tag) == 0) {
			l->bye_got = true;
			set_over(l);
		}
	} else {
		ua_reply(ua, l, msg, 200, l->from_tag, "", "");
	}
}
