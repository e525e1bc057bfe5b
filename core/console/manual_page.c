/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * core/console/manual_page.c - the manual as one HTML page with contents.
 */
#include <stdio.h>

#include <libxml/HTMLtree.h>

#include <bellbird/mem.h>

#include "core/console/manual.h"

#define X(text) ((const xmlChar *)(text))

static const char style[] =
	"body{font-family:sans-serif;max-width:60em;margin:2em auto;padding:0 1em;line-height:1.45}"
	"code,pre{font-family:monospace;background:#f3f3f3;padding:.1em .3em}"
	"h3{border-top:1px solid #ccc;padding-top:1em}dt{font-weight:bold;margin-top:.5em}"
	"nav a{margin-right:.7em;white-space:nowrap}.meta{color:#666}";

static const struct {
	const char *element, *title, *anchor;
} parts[] = {
	{ "application", "Applications", "applications" },
	{ "function", "Functions", "functions" },
	{ "command", "Console commands", "commands" },
	{ "configuration", "Configuration", "configuration" },
};

static xmlNode *add(xmlNode *to, const char *name, const char *text)
{
	return text ? xmlNewTextChild(to, NULL, X(name), X(text))
		    : xmlNewChild(to, NULL, X(name), NULL);
}

static void say(xmlNode *to, const char *text)
{
	xmlNode *n = xmlNewText(X(text));

	if (n && !xmlAddChild(to, n))
		xmlFreeNode(n);
}

static bool is(const xmlNode *n, const char *name)
{
	return n->type == XML_ELEMENT_NODE && xmlStrcmp(n->name, X(name)) == 0;
}

/* An attribute, "" when it is not there; xmlFree() it. */
static char *get(xmlNode *n, const char *name)
{
	xmlChar *v = xmlGetProp(n, X(name));

	return (char *)(v ? v : xmlStrdup(X("")));
}

/* "sip.conf [endpoint]", or the name. */
static char *title(xmlNode *n)
{
	char *name = get(n, "name"), *file = get(n, "file"), *type = get(n, "type"),
	     *section = get(n, "section"), *text;

	if (name && name[0])
		text = bb_sprintf("%s", name);
	else if (type && type[0])
		text = bb_sprintf("%s: type=%s", file, type);
	else
		text = bb_sprintf("%s: [%s]", file, section && section[0] ? section : "*");
	xmlFree(name);
	xmlFree(file);
	xmlFree(type);
	xmlFree(section);
	return text;
}

static char *anchor(const xmlNode *n, const char *text)
{
	char *z = bb_sprintf("%s-%s", (const char *)n->name, text ? text : "");

	for (char *p = z; p && *p; p++)
		if (*p == ' ' || *p == '[' || *p == ']' || *p == ':' || *p == '*' || *p == '=')
			*p = '_';
	return z;
}

static void meta(xmlNode *to, xmlNode *n)
{
	static const char *const names[] = { "type", "unit",  "default", "required", "min",
					     "max",  "alias", "module",	 "since" };
	xmlNode *span = NULL;

	for (size_t i = 0; i < BB_ARRAY_SIZE(names); i++) {
		char *v = get(n, names[i]);
		char *text =
			v && v[0] ? bb_sprintf("%s%s %s", span ? ", " : " ", names[i], v) : NULL;

		if (text && !span) {
			span = add(to, "span", NULL);
			xmlNewProp(span, X("class"), X("meta"));
		}
		if (text)
			say(span, text);
		bb_free(text);
		xmlFree(v);
	}
}

static void fields(xmlNode *to, xmlNode *from);

/* One argument, setting or option letter. */
static void field(xmlNode *dl, xmlNode *n)
{
	char *name = get(n, is(n, "option") ? "letter" : "name"), *arg = get(n, "argument");
	char *text = arg && arg[0] ? bb_sprintf("%s(%s)", name, arg) : bb_sprintf("%s", name);
	xmlNode *dt = add(dl, "dt", NULL), *dd = add(dl, "dd", NULL), *choices = NULL;

	add(dt, "code", text ? text : "");
	if (!is(n, "option"))
		meta(dt, n);
	for (xmlNode *c = n->children; c; c = c->next) {
		xmlChar *content = xmlNodeGetContent(c);

		if (is(c, "para"))
			add(dd, "p", (const char *)content);
		if (is(c, "choice")) {
			choices = choices ? choices : add(dd, "p", "One of: ");
			add(choices, "code", (const char *)content);
			say(choices, " ");
		}
		xmlFree(content);
	}
	fields(dd, n);
	bb_free(text);
	xmlFree(name);
	xmlFree(arg);
}

static void fields(xmlNode *to, xmlNode *from)
{
	xmlNode *dl = NULL;

	for (xmlNode *c = from->children; c; c = c->next) {
		if (!is(c, "argument") && !is(c, "setting") && !is(c, "option"))
			continue;
		dl = dl ? dl : add(to, "dl", NULL);
		field(dl, c);
	}
}

static void entry(xmlNode *body, xmlNode *n)
{
	char *name = title(n), *id = anchor(n, name);
	xmlNode *h = add(body, "h3", name ? name : ""), *see = NULL;

	xmlNewProp(h, X("id"), X(id ? id : ""));
	meta(h, n);
	for (xmlNode *c = n->children; c; c = c->next) {
		xmlChar *text = xmlNodeGetContent(c);

		if (is(c, "synopsis") || is(c, "para"))
			add(body, "p", (const char *)text);
		else if (is(c, "syntax"))
			add(body, "pre", (const char *)text);
		else if (is(c, "arguments"))
			fields(body, c);
		else if (is(c, "description"))
			for (xmlNode *p = c->children; p; p = p->next) {
				xmlChar *para = xmlNodeGetContent(p);

				if (is(p, "para"))
					add(body, "p", (const char *)para);
				xmlFree(para);
			}
		if (is(c, "see") || is(c, "alias")) {
			see = see ? see : add(body, "p", is(c, "see") ? "See also: " : "Also: ");
			add(see, "code", (const char *)text);
			say(see, " ");
		}
		xmlFree(text);
	}
	fields(body, n);
	bb_free(name);
	bb_free(id);
}

static void contents(xmlNode *body, xmlNode *root, const char *element)
{
	xmlNode *nav = add(body, "nav", NULL);

	for (xmlNode *c = root->children; c; c = c->next) {
		char *name, *id, *href;
		xmlNode *a;

		if (!is(c, element))
			continue;
		name = title(c);
		id = anchor(c, name);
		href = bb_sprintf("#%s", id ? id : "");
		a = add(nav, "a", name ? name : "");
		xmlNewProp(a, X("href"), X(href ? href : ""));
		say(nav, " ");
		bb_free(name);
		bb_free(id);
		bb_free(href);
	}
}

xmlDoc *bb_manual_page(xmlDoc *manual)
{
	xmlNode *root = xmlDocGetRootElement(manual), *html, *head, *body, *m;
	xmlDoc *page = htmlNewDoc(NULL, NULL);

	html = page ? xmlNewNode(NULL, X("html")) : NULL;
	if (!html) {
		xmlFreeDoc(page);
		return NULL;
	}
	xmlDocSetRootElement(page, html);
	xmlNewProp(html, X("lang"), X("en"));
	head = add(html, "head", NULL);
	m = add(head, "meta", NULL);
	xmlNewProp(m, X("charset"), X("utf-8"));
	add(head, "title", "Bellbird: reference");
	add(head, "style", style);
	body = add(html, "body", NULL);
	add(body, "h1", "Bellbird: reference");
	for (size_t i = 0; i < BB_ARRAY_SIZE(parts); i++) {
		xmlNode *h = add(body, "h2", parts[i].title);

		xmlNewProp(h, X("id"), X(parts[i].anchor));
		contents(body, root, parts[i].element);
		for (xmlNode *c = root->children; c; c = c->next)
			if (is(c, parts[i].element))
				entry(body, c);
	}
	return page;
}
