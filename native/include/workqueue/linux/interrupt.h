/* SPDX-License-Identifier: GPL-2.0-only */
/* What interrupt handlers return, and in_interrupt(). */
#ifndef WQ_LINUX_INTERRUPT_H
#define WQ_LINUX_INTERRUPT_H

#include <linux/hardirq.h>

typedef enum irqreturn {
	IRQ_NONE = 0,
	IRQ_HANDLED = 1,
	IRQ_WAKE_THREAD = 2
} irqreturn_t;

#define IRQ_RETVAL(handled) ((handled) ? IRQ_HANDLED : IRQ_NONE)

#endif /* WQ_LINUX_INTERRUPT_H */
