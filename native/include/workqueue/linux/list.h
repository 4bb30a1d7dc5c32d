/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Circular doubly linked lists with the links inside the caller's objects, and
 * the singly headed hlist. Nothing here locks or allocates.
 */
#ifndef WQ_LINUX_LIST_H
#define WQ_LINUX_LIST_H

#include <stdbool.h>
#include <stddef.h>

#include <linux/container_of.h>

#ifndef WQ_HAVE_LIST_HEAD
#define WQ_HAVE_LIST_HEAD
struct list_head {
	struct list_head *next, *prev;
};
#endif

#define LIST_HEAD_INIT(name) { &(name), &(name) }

/* LIST_HEAD(name) is ours, LIST_HEAD(name, type) that of <sys/queue.h>, in either order. */
#define WQ_LIST_HEAD(name) struct list_head name = LIST_HEAD_INIT(name)
#define WQ_QUEUE_HEAD(name, type)                                              \
	struct name {                                                          \
		struct type *lh_first;                                         \
	}
#define WQ_LIST_HEAD_(a, b, chosen, ...) chosen
#undef LIST_HEAD
#define LIST_HEAD(...) WQ_LIST_HEAD_(__VA_ARGS__, WQ_QUEUE_HEAD, WQ_LIST_HEAD, 0)(__VA_ARGS__)

static inline void INIT_LIST_HEAD(struct list_head *list)
{
	list->next = list;
	list->prev = list;
}

/* ---- Adding and removing --------------------------------------------------- */

static inline void wq_list_link(struct list_head *before, struct list_head *after)
{
	before->next = after;
	after->prev = before;
}

static inline void wq_list_insert(struct list_head *item, struct list_head *before,
				  struct list_head *after)
{
	wq_list_link(before, item);
	wq_list_link(item, after);
}

/** list_add() - put @item first */
static inline void list_add(struct list_head *item, struct list_head *head)
{
	wq_list_insert(item, head, head->next);
}

/** list_add_tail() - put @item last */
static inline void list_add_tail(struct list_head *item, struct list_head *head)
{
	wq_list_insert(item, head->prev, head);
}

/** list_del() - take @item off; its own links become invalid pointers */
static inline void list_del(struct list_head *item)
{
	wq_list_link(item->prev, item->next);
	item->next = NULL;
	item->prev = NULL;
}

/** list_del_init() - take @item off and leave it an empty list */
static inline void list_del_init(struct list_head *item)
{
	wq_list_link(item->prev, item->next);
	INIT_LIST_HEAD(item);
}

/** list_replace() - put @fresh in the place of @old, whose links stay as they were */
static inline void list_replace(struct list_head *old, struct list_head *fresh)
{
	wq_list_insert(fresh, old->prev, old->next);
}

static inline void list_replace_init(struct list_head *old, struct list_head *fresh)
{
	list_replace(old, fresh);
	INIT_LIST_HEAD(old);
}

/** list_move() - take @item off its list and put it first on another */
static inline void list_move(struct list_head *item, struct list_head *head)
{
	wq_list_link(item->prev, item->next);
	list_add(item, head);
}

static inline void list_move_tail(struct list_head *item, struct list_head *head)
{
	wq_list_link(item->prev, item->next);
	list_add_tail(item, head);
}

/* ---- Asking ---------------------------------------------------------------- */

static inline bool list_empty(const struct list_head *head)
{
	return __atomic_load_n(&head->next, __ATOMIC_RELAXED) == head;
}

/** list_empty_careful() - list_empty() while another thread may list_del_init() */
static inline bool list_empty_careful(const struct list_head *head)
{
	struct list_head *next = __atomic_load_n(&head->next, __ATOMIC_ACQUIRE);

	return next == head && next == head->prev;
}

static inline bool list_is_first(const struct list_head *item, const struct list_head *head)
{
	return item->prev == head;
}

static inline bool list_is_last(const struct list_head *item, const struct list_head *head)
{
	return item->next == head;
}

static inline bool list_is_singular(const struct list_head *head)
{
	return !list_empty(head) && head->next == head->prev;
}

/* ---- Whole lists ----------------------------------------------------------- */

/** list_rotate_left() - make the first item the last */
static inline void list_rotate_left(struct list_head *head)
{
	if (!list_empty(head))
		list_move_tail(head->next, head);
}

/** list_splice() - put all of @list in front of @head's items; @list is then invalid */
static inline void list_splice(const struct list_head *list, struct list_head *head)
{
	if (list_empty(list))
		return;
	wq_list_link(list->prev, head->next);
	wq_list_link(head, list->next);
}

/** list_splice_tail() - the same behind @head's items */
static inline void list_splice_tail(const struct list_head *list, struct list_head *head)
{
	if (list_empty(list))
		return;
	wq_list_link(head->prev, list->next);
	wq_list_link(list->prev, head);
}

static inline void list_splice_init(struct list_head *list, struct list_head *head)
{
	list_splice(list, head);
	INIT_LIST_HEAD(list);
}

static inline void list_splice_tail_init(struct list_head *list, struct list_head *head)
{
	list_splice_tail(list, head);
	INIT_LIST_HEAD(list);
}

/** list_cut_position() - move @head's items up to and with @last to the empty @list */
static inline void list_cut_position(struct list_head *list, struct list_head *head,
				     struct list_head *last)
{
	INIT_LIST_HEAD(list);
	if (list_empty(head) || last == head)
		return;
	wq_list_link(list, head->next);
	wq_list_link(head, last->next);
	wq_list_link(last, list);
}

/* ---- Objects on lists ------------------------------------------------------ */

#define list_entry(ptr, type, member) container_of(ptr, type, member)
#define list_first_entry(head, type, member) list_entry((head)->next, type, member)
#define list_last_entry(head, type, member) list_entry((head)->prev, type, member)
#define list_first_entry_or_null(head, type, member)                           \
	(list_empty(head) ? NULL : list_first_entry(head, type, member))
#define list_next_entry(pos, member)                                           \
	list_entry((pos)->member.next, __typeof__(*(pos)), member)
#define list_prev_entry(pos, member)                                           \
	list_entry((pos)->member.prev, __typeof__(*(pos)), member)

/* ---- Walking; in the _safe forms the body may remove the current item ------- */

#define list_for_each(pos, head)                                               \
	for (pos = (head)->next; pos != (head); pos = pos->next)
#define list_for_each_prev(pos, head)                                          \
	for (pos = (head)->prev; pos != (head); pos = pos->prev)
#define list_for_each_safe(pos, following, head)                               \
	for (pos = (head)->next, following = pos->next; pos != (head);         \
	     pos = following, following = pos->next)
#define list_for_each_prev_safe(pos, following, head)                          \
	for (pos = (head)->prev, following = pos->prev; pos != (head);         \
	     pos = following, following = pos->prev)

#define list_entry_is_head(pos, head, member) (&(pos)->member == (head))

#define list_for_each_entry(pos, head, member)                                 \
	for (pos = list_first_entry(head, __typeof__(*pos), member);           \
	     !list_entry_is_head(pos, head, member);                           \
	     pos = list_next_entry(pos, member))
#define list_for_each_entry_reverse(pos, head, member)                         \
	for (pos = list_last_entry(head, __typeof__(*pos), member);            \
	     !list_entry_is_head(pos, head, member);                           \
	     pos = list_prev_entry(pos, member))
#define list_for_each_entry_continue(pos, head, member)                        \
	for (pos = list_next_entry(pos, member);                               \
	     !list_entry_is_head(pos, head, member);                           \
	     pos = list_next_entry(pos, member))
#define list_for_each_entry_from(pos, head, member)                            \
	for (; !list_entry_is_head(pos, head, member);                         \
	     pos = list_next_entry(pos, member))
#define list_for_each_entry_safe(pos, following, head, member)                 \
	for (pos = list_first_entry(head, __typeof__(*pos), member),           \
	    following = list_next_entry(pos, member);                          \
	     !list_entry_is_head(pos, head, member);                           \
	     pos = following, following = list_next_entry(following, member))
#define list_for_each_entry_safe_reverse(pos, following, head, member)         \
	for (pos = list_last_entry(head, __typeof__(*pos), member),            \
	    following = list_prev_entry(pos, member);                          \
	     !list_entry_is_head(pos, head, member);                           \
	     pos = following, following = list_prev_entry(following, member))

/* ---- hlist: a one-pointer head, for hash tables ------------------------------ */

struct hlist_head {
	struct hlist_node *first;
};

struct hlist_node {
	struct hlist_node *next, **pprev;
};

#define HLIST_HEAD_INIT { NULL }
#define HLIST_HEAD(name) struct hlist_head name = HLIST_HEAD_INIT
#define INIT_HLIST_HEAD(head) ((head)->first = NULL)

static inline void INIT_HLIST_NODE(struct hlist_node *node)
{
	node->next = NULL;
	node->pprev = NULL;
}

static inline bool hlist_unhashed(const struct hlist_node *node)
{
	return !node->pprev;
}

static inline bool hlist_empty(const struct hlist_head *head)
{
	return !head->first;
}

static inline void hlist_add_head(struct hlist_node *node, struct hlist_head *head)
{
	node->next = head->first;
	if (head->first)
		head->first->pprev = &node->next;
	head->first = node;
	node->pprev = &head->first;
}

static inline void hlist_del_init(struct hlist_node *node)
{
	if (hlist_unhashed(node))
		return;
	*node->pprev = node->next;
	if (node->next)
		node->next->pprev = node->pprev;
	INIT_HLIST_NODE(node);
}

static inline void hlist_del(struct hlist_node *node)
{
	hlist_del_init(node);
}

#define hlist_entry(ptr, type, member) container_of(ptr, type, member)
#define hlist_entry_safe(ptr, type, member)                                    \
	(__extension__({                                                       \
		struct hlist_node *wq_node_ = (ptr);                           \
		wq_node_ ? hlist_entry(wq_node_, type, member) : NULL;         \
	}))
#define hlist_for_each(pos, head) for (pos = (head)->first; pos; pos = pos->next)
#define hlist_for_each_safe(pos, following, head)                              \
	for (pos = (head)->first; pos && (following = pos->next, true);        \
	     pos = following)
#define hlist_for_each_entry(pos, head, member)                                \
	for (pos = hlist_entry_safe((head)->first, __typeof__(*(pos)), member); \
	     pos;                                                              \
	     pos = hlist_entry_safe((pos)->member.next, __typeof__(*(pos)), member))
#define hlist_for_each_entry_safe(pos, following, head, member)                \
	for (pos = hlist_entry_safe((head)->first, __typeof__(*pos), member);  \
	     pos && (following = pos->member.next, true);                      \
	     pos = hlist_entry_safe(following, __typeof__(*pos), member))

#endif /* WQ_LINUX_LIST_H */
