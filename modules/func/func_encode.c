/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * func_encode.c - URIENCODE(), BASE64_ENCODE(), MD5() and the like.
 */
#include <bellbird/func.h>
#include <bellbird/mem.h>

#include <openssl/evp.h>

struct text_args {
	struct bb_str text;
};

static struct bb_str text_of(const void *args)
{
	return ((const struct text_args *)args)->text;
}

/* RFC 3986 §2.1; what RFC 2396 calls marks is left as it is. */
static int uri_encode_read(struct bb_chan *ch, const void *args, struct bb_buf *out)
{
	struct bb_str s = text_of(args);

	(void)ch;
	for (size_t i = 0; i < s.l; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
		    (c && strchr("-_.!~*'()", c)))
			bb_buf_putc(out, (char)c);
		else
			bb_buf_printf(out, "%%%02X", c);
	}
	return out->err;
}

static int hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 32;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static int uri_decode_read(struct bb_chan *ch, const void *args, struct bb_buf *out)
{
	struct bb_str s = text_of(args);

	(void)ch;
	for (size_t i = 0; i < s.l; i++) {
		if (s.p[i] == '%' && i + 2 < s.l && hex(s.p[i + 1]) >= 0 && hex(s.p[i + 2]) >= 0) {
			bb_buf_putc(out, (char)(hex(s.p[i + 1]) * 16 + hex(s.p[i + 2])));
			i += 2;
		} else {
			bb_buf_putc(out, s.p[i]);
		}
	}
	return out->err;
}

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/* RFC 4648 §4. */
static int base64_encode_read(struct bb_chan *ch, const void *args, struct bb_buf *out)
{
	struct bb_str s = text_of(args);

	(void)ch;
	for (size_t i = 0; i < s.l; i += 3) {
		uint32_t v = 0;
		size_t n = s.l - i < 3 ? s.l - i : 3;

		for (size_t k = 0; k < 3; k++)
			v = v << 8 | (k < n ? (unsigned char)s.p[i + k] : 0);
		for (size_t k = 0; k < 4; k++)
			bb_buf_putc(out, k <= n ? alphabet[v >> (18 - 6 * k) & 63] : '=');
	}
	return out->err;
}

static int base64_decode_read(struct bb_chan *ch, const void *args, struct bb_buf *out)
{
	struct bb_str s = text_of(args);
	uint32_t v = 0;
	unsigned bits = 0;

	(void)ch;
	for (size_t i = 0; i < s.l && s.p[i] != '='; i++) {
		const char *p = s.p[i] ? strchr(alphabet, s.p[i]) : NULL;

		if (!p)
			continue;
		v = v << 6 | (uint32_t)(p - alphabet);
		bits += 6;
		if (bits >= 8) {
			bits -= 8;
			bb_buf_putc(out, (char)(v >> bits & 255));
		}
	}
	return out->err;
}

static int digest(struct bb_str s, const EVP_MD *md, struct bb_buf *out)
{
	unsigned char sum[EVP_MAX_MD_SIZE];
	unsigned len = 0;

	if (!s.l)
		return -EINVAL;
	if (!EVP_Digest(s.p, s.l, sum, &len, md, NULL))
		return -EIO;
	for (unsigned i = 0; i < len; i++)
		bb_buf_printf(out, "%02x", sum[i]);
	return out->err;
}

static int md5_read(struct bb_chan *ch, const void *args, struct bb_buf *out)
{
	(void)ch;
	return digest(text_of(args), EVP_md5(), out);
}

static int sha1_read(struct bb_chan *ch, const void *args, struct bb_buf *out)
{
	(void)ch;
	return digest(text_of(args), EVP_sha1(), out);
}

/** Of every function here that takes one text and nothing else. */
static const struct bb_field text_fields[] = { { .name = "text",
						 .type = BB_T_REST,
						 .def = "",
						 .off = offsetof(struct text_args, text),
						 .doc = "The text." },
					       { 0 } };

static const struct bb_func uri_encode = {
	.name = "URIENCODE",
	.args = text_fields,
	.args_size = sizeof(struct text_args),
	.read = uri_encode_read,
	.doc = { .summary = "Escape a text for a URI", .since = "0.1", .see_also = "URIDECODE" },
};

static const struct bb_func uri_decode = {
	.name = "URIDECODE",
	.args = (const struct bb_field[]){ { .name = "text",
					     .type = BB_T_REST,
					     .def = "",
					     .off = offsetof(struct text_args, text),
					     .doc = "The escaped text." },
					   { 0 } },
	.args_size = sizeof(struct text_args),
	.read = uri_decode_read,
	.doc = { .summary = "Undo the escapes of a URI", .since = "0.1", .see_also = "URIENCODE" },
};

static const struct bb_func base64_encode = {
	.name = "BASE64_ENCODE",
	.args = text_fields,
	.args_size = sizeof(struct text_args),
	.read = base64_encode_read,
	.doc = { .summary = "Write bytes in base 64", .since = "0.1", .see_also = "BASE64_DECODE" },
};

static const struct bb_func base64_decode = {
	.name = "BASE64_DECODE",
	.args = (const struct bb_field[]){ { .name = "text",
					     .type = BB_T_REST,
					     .def = "",
					     .off = offsetof(struct text_args, text),
					     .doc = "Text in base 64." },
					   { 0 } },
	.args_size = sizeof(struct text_args),
	.read = base64_decode_read,
	.doc = { .summary = "Read bytes written in base 64",
		 .since = "0.1",
		 .see_also = "BASE64_ENCODE" },
};

static const struct bb_func md5 = {
	.name = "MD5",
	.args = text_fields,
	.args_size = sizeof(struct text_args),
	.read = md5_read,
	.doc = { .summary = "The MD5 sum of a text, in hexadecimal",
		 .since = "0.1",
		 .see_also = "SHA1" },
};

static const struct bb_func sha1 = {
	.name = "SHA1",
	.args = text_fields,
	.args_size = sizeof(struct text_args),
	.read = sha1_read,
	.doc = { .summary = "The SHA-1 sum of a text, in hexadecimal",
		 .since = "0.1",
		 .see_also = "MD5" },
};

BB_MODULE(func_encode,
	  .provides = (const struct bb_provide[]){ BB_FUNC(&uri_encode),
						   BB_FUNC(&uri_decode),
						   BB_FUNC(&base64_encode),
						   BB_FUNC(&base64_decode),
						   BB_FUNC(&md5),
						   BB_FUNC(&sha1),
						   { 0 } },
	  .doc = { .summary = "Encodings and sums of texts", .since = "0.1" });
