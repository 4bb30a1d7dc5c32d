/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * "Interrupt context": the calling thread has said, by irq_enter(), that it must
 * not block until irq_exit().
 */
#ifndef WQ_LINUX_HARDIRQ_H
#define WQ_LINUX_HARDIRQ_H

#include <workqueue.h>

#define in_interrupt() wq_in_interrupt()
#define in_atomic() wq_in_interrupt()
#define irq_enter() wq_interrupt_enter()
#define irq_exit() wq_interrupt_exit()

#endif /* WQ_LINUX_HARDIRQ_H */
