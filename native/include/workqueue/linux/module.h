/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The system's <linux/module.h>, plus the macros of modules. Exports and descriptions
 * expand to nothing; start and end of a module are in init.h.
 */
#ifndef WQ_LINUX_MODULE_H
#define WQ_LINUX_MODULE_H
#pragma GCC system_header

#include_next <linux/module.h>

#include <linux/init.h>

/* Each stands for an empty declaration, so that a semicolon may follow. */
#define EXPORT_SYMBOL(symbol) struct wq_needs_semicolon_
#define EXPORT_SYMBOL_GPL(symbol) struct wq_needs_semicolon_
#define MODULE_LICENSE(text) struct wq_needs_semicolon_
#define MODULE_AUTHOR(text) struct wq_needs_semicolon_
#define MODULE_DESCRIPTION(text) struct wq_needs_semicolon_
#define MODULE_VERSION(text) struct wq_needs_semicolon_
#define MODULE_ALIAS(text) struct wq_needs_semicolon_
#define MODULE_PARM_DESC(name, text) struct wq_needs_semicolon_
/* A parameter keeps the value it was initialised with. */
#define module_param(name, type, mode) struct wq_needs_semicolon_

struct module;
#define THIS_MODULE ((struct module *)0)

#ifndef KBUILD_MODNAME
#define KBUILD_MODNAME "workqueue"
#endif

#endif /* WQ_LINUX_MODULE_H */
