/* SPDX-License-Identifier: BSD-3-Clause */
/* Reading and writing messages as text: enough for well-formed ones. */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include <openssl/evp.h>

#include "house.h"
#include "ua.h"

static void cut(char *dst, size_t cap, const char *from, size_t len)
{
	if (len >= cap)
		len = cap - 1;
	memcpy(dst, from, len);
	dst[len] = '\0';
}

void sim_header(const char *msg, const char *name, unsigned n, char *dst, size_t cap)
{
	size_t len = strlen(name);

	dst[0] = '\0';
	for (const char *line = strstr(msg, "\r\n"); line && strncmp(line, "\r\n\r\n", 4) != 0;
	     line = strstr(line + 2, "\r\n")) {
		const char *v = line + 2 + len, *end;

		if (strncasecmp(line + 2, name, len) != 0 || *v != ':')
			continue;
		if (n--)
			continue;
		for (v++; *v == ' '; v++)
			;
		end = strstr(v, "\r\n");
		cut(dst, cap, v, end ? (size_t)(end - v) : strlen(v));
		return;
	}
}

void sim_param(const char *value, const char *name, char *dst, size_t cap)
{
	size_t len = strlen(name);
	const char *p = strrchr(value, '>');

	dst[0] = '\0';
	for (p = p ? p : value; *p; p++) {
		const char *v = p + len;
		size_t n;

		if (p != value && !strchr(";, ", p[-1]))
			continue;
		if (strncasecmp(p, name, len) != 0 || *v != '=')
			continue;
		v++;
		if (*v == '"') {
			v++;
			n = strcspn(v, "\"");
		} else {
			n = strcspn(v, ";, \r\n");
		}
		cut(dst, cap, v, n);
		return;
	}
}

void sim_uri(const char *value, char *dst, size_t cap)
{
	const char *lt = strchr(value, '<');

	if (lt)
		cut(dst, cap, lt + 1, strcspn(lt + 1, ">"));
	else
		cut(dst, cap, value, strcspn(value, ";"));
}

unsigned sim_status(const char *msg)
{
	unsigned code = 0;

	if (strncmp(msg, "SIP/2.0 ", 8) != 0)
		return 0;
	for (const char *p = msg + 8; *p >= '0' && *p <= '9'; p++)
		code = code * 10 + (unsigned)(*p - '0');
	return code;
}

void sim_method(const char *msg, char *dst, size_t cap)
{
	char cseq[64];

	if (!sim_status(msg)) {
		cut(dst, cap, msg, strcspn(msg, " "));
		return;
	}
	sim_header(msg, "CSeq", 0, cseq, sizeof(cseq));
	cut(dst, cap, cseq + strcspn(cseq, " ") + (strchr(cseq, ' ') ? 1 : 0), cap - 1);
}

const char *sim_body(const char *msg)
{
	const char *end = strstr(msg, "\r\n\r\n");

	return end ? end + 4 : "";
}

void sim_direction(const char *msg, char *dst, size_t cap)
{
	static const char *const words[] = { "sendrecv", "sendonly", "recvonly", "inactive" };
	const char *body = sim_body(msg);
	char line[32];

	cut(dst, cap, *body ? "sendrecv" : "", *body ? 8 : 0);
	for (size_t i = 0; i < BB_ARRAY_SIZE(words); i++) {
		snprintf(line, sizeof(line), "a=%s", words[i]);
		if (strstr(body, line))
			cut(dst, cap, words[i], strlen(words[i]));
	}
}

void sim_branch(char *dst, size_t cap)
{
	snprintf(dst, cap, "z9hG4bK%08x%08x", sim_random(0, 0x7fffffff), sim_random(0, 0x7fffffff));
}

static void md5(char hex[33], const char *text)
{
	unsigned char sum[EVP_MAX_MD_SIZE];
	unsigned len = 0;

	EVP_Digest(text, strlen(text), sum, &len, EVP_md5(), NULL);
	for (unsigned i = 0; i < len && i < 16; i++)
		snprintf(hex + 2 * i, 3, "%02x", sum[i]);
}

void sim_authorization(const char *challenge, const char *user, const char *password,
		       const char *method, const char *uri, char *dst, size_t cap)
{
	char realm[UA_SHORT], nonce[UA_SHORT], opaque[UA_SHORT], text[4 * UA_SHORT];
	char ha1[33], ha2[33], response[33];

	sim_param(challenge, "realm", realm, sizeof(realm));
	sim_param(challenge, "nonce", nonce, sizeof(nonce));
	sim_param(challenge, "opaque", opaque, sizeof(opaque));
	snprintf(text, sizeof(text), "%s:%s:%s", user, realm, password);
	md5(ha1, text);
	snprintf(text, sizeof(text), "%s:%s", method, uri);
	md5(ha2, text);
	snprintf(text, sizeof(text), "%s:%s:00000001:0a4f113b:auth:%s", ha1, nonce, ha2);
	md5(response, text);
	snprintf(dst, cap,
		 "Authorization: Digest username=\"%s\", realm=\"%s\", nonce=\"%s\", uri=\"%s\", "
		 "response=\"%s\", algorithm=MD5, qop=auth, nc=00000001, "
		 "cnonce=\"0a4f113b\"%s%s%s\r\n",
		 user, realm, nonce, uri, response, *opaque ? ", opaque=\"" : "", opaque,
		 *opaque ? "\"" : "");
}
