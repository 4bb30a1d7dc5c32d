/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * printk() and the pr_*() family: standard error, without the level. Debug
 * messages appear only in files compiled with DEBUG defined. A file may define
 * pr_fmt() before its first include to prefix its messages.
 */
#ifndef WQ_LINUX_PRINTK_H
#define WQ_LINUX_PRINTK_H
#pragma GCC system_header

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>

/* A level is two characters at the start of the format, never printed. */
#define KERN_EMERG "\001" "0"
#define KERN_ALERT "\001" "1"
#define KERN_CRIT "\001" "2"
#define KERN_ERR "\001" "3"
#define KERN_WARNING "\001" "4"
#define KERN_NOTICE "\001" "5"
#define KERN_INFO "\001" "6"
#define KERN_DEBUG "\001" "7"
#define KERN_CONT ""

#ifndef pr_fmt
#define pr_fmt(fmt) fmt
#endif

/** printk() - print to standard error. Return: number of characters printed */
static inline __attribute__((format(printf, 1, 2), unused)) int
printk(const char *fmt, ...)
{
	va_list args;
	int printed;

	if (fmt[0] == '\001' && fmt[1])
		fmt += 2;
	va_start(args, fmt);
	printed = vfprintf(stderr, fmt, args);
	va_end(args);
	return printed;
}

#define pr_emerg(fmt, ...) printk(KERN_EMERG pr_fmt(fmt), ##__VA_ARGS__)
#define pr_alert(fmt, ...) printk(KERN_ALERT pr_fmt(fmt), ##__VA_ARGS__)
#define pr_crit(fmt, ...) printk(KERN_CRIT pr_fmt(fmt), ##__VA_ARGS__)
#define pr_err(fmt, ...) printk(KERN_ERR pr_fmt(fmt), ##__VA_ARGS__)
#define pr_warn(fmt, ...) printk(KERN_WARNING pr_fmt(fmt), ##__VA_ARGS__)
#define pr_warning pr_warn
#define pr_notice(fmt, ...) printk(KERN_NOTICE pr_fmt(fmt), ##__VA_ARGS__)
#define pr_info(fmt, ...) printk(KERN_INFO pr_fmt(fmt), ##__VA_ARGS__)
#define pr_cont(fmt, ...) printk(KERN_CONT fmt, ##__VA_ARGS__)

#ifdef DEBUG
#define pr_debug(fmt, ...) printk(KERN_DEBUG pr_fmt(fmt), ##__VA_ARGS__)
#else
#define pr_debug(fmt, ...)                                                     \
	((void)(false && printk(KERN_DEBUG pr_fmt(fmt), ##__VA_ARGS__)))
#endif

/** printk_once() - printk() the first time only */
#define printk_once(fmt, ...)                                                  \
	do {                                                                   \
		static bool wq_said_;                                          \
		if (!__atomic_exchange_n(&wq_said_, true, __ATOMIC_RELAXED))   \
			printk(fmt, ##__VA_ARGS__);                            \
	} while (0)

#define pr_err_once(fmt, ...) printk_once(KERN_ERR pr_fmt(fmt), ##__VA_ARGS__)
#define pr_warn_once(fmt, ...) printk_once(KERN_WARNING pr_fmt(fmt), ##__VA_ARGS__)
#define pr_info_once(fmt, ...) printk_once(KERN_INFO pr_fmt(fmt), ##__VA_ARGS__)

#endif /* WQ_LINUX_PRINTK_H */
