/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The names of the .NET runtime and its base library that the compiled engine refers to;
 * neither of the two is linked. The library is linked with no undefined name allowed, so
 * there can be no other such names.
 *
 * The names are the compiler's. The first part says how things are while no runtime has
 * started. The second part copies, clears and compares memory; it is called like C.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#define HIDDEN __attribute__((visibility("hidden")))

/* ---- The runtime ------------------------------------------------------------------ */

/* Does a collection wait for this thread? The engine reads it after a foreign call. */
HIDDEN uint32_t RhpTrapThreads;
/* What the processor has beyond the minimum: not looked up, so not used. */
HIDDEN int32_t g_cpuFeatures;
/* Stands between a buffer and the return address while a function runs. */
HIDDEN uintptr_t __security_cookie;

HIDDEN void RhpGcPoll(void);
HIDDEN void RhpPInvoke(void *frame);
HIDDEN void RhpPInvokeReturn(void *frame);
HIDDEN void RhpFallbackFailFast(void);

/* Where a thread would wait for the collection. */
void RhpGcPoll(void)
{
}

/* The marks around a foreign call that may block: they are never read. */
void RhpPInvoke(void *frame)
{
	(void)frame;
}

void RhpPInvokeReturn(void *frame)
{
	(void)frame;
}

/* The cookie has been overwritten. */
void RhpFallbackFailFast(void)
{
	abort();
}

/*
 * Called before a large frame is made, with the frame's lowest address in r11. Reads each
 * page down to that address, so that a stack overflow hits the guard page. Leaves every
 * register as it was. On arm64 the code of such a frame does this by itself.
 */
#ifdef __x86_64__
__asm__(".text\n"
	".globl RhpStackProbe\n"
	".hidden RhpStackProbe\n"
	".type RhpStackProbe, @function\n"
	"RhpStackProbe:\n"
	"	.cfi_startproc\n"
	"	pushq %rbp\n"
	"	.cfi_def_cfa_offset 16\n"
	"	.cfi_offset %rbp, -16\n"
	"	movq %rsp, %rbp\n"
	"	.cfi_def_cfa_register %rbp\n"
	"1:	subq $4096, %rsp\n"
	"	testl %eax, (%rsp)\n"
	"	cmpq %r11, %rsp\n"
	"	ja 1b\n"
	"	movq %rbp, %rsp\n"
	"	popq %rbp\n"
	"	.cfi_def_cfa %rsp, 8\n"
	"	ret\n"
	"	.cfi_endproc\n"
	".size RhpStackProbe, . - RhpStackProbe\n");
#endif

/* ---- The base library ------------------------------------------------------------- */

#define CORELIB(name) S_P_CoreLib_##name

/*
 * Not the C library's functions: a sanitizer intercepts those, and cannot see how the
 * engine orders its accesses, so it would report races. For the same reason the compiler
 * must not turn the loops below into calls of them.
 */
#define LOOP HIDDEN __attribute__((optimize("no-tree-loop-distribute-patterns")))

typedef uint8_t block __attribute__((vector_size(16), aligned(1), may_alias));

LOOP void CORELIB(System_SpanHelpers__Memmove)(uint8_t *to, const uint8_t *from, size_t size);
LOOP void CORELIB(System_SpanHelpers__ClearWithoutReferences)(uint8_t *memory, size_t size);
LOOP void CORELIB(System_SpanHelpers__Fill)(uint8_t *memory, uint8_t byte, size_t size);
HIDDEN bool CORELIB(System_SpanHelpers__SequenceEqual)(const uint8_t *a, const uint8_t *b,
						       size_t size);
HIDDEN void
	CORELIB(Internal_Runtime_CompilerHelpers_ThrowHelpers__ThrowDivideByZeroException)(void);

/* The two may overlap. Copies upwards if that overwrites nothing that is still to be read. */
void CORELIB(System_SpanHelpers__Memmove)(uint8_t *to, const uint8_t *from, size_t size)
{
	size_t at = 0;

	if ((uintptr_t)to - (uintptr_t)from >= size) {
		for (; at + sizeof(block) <= size; at += sizeof(block))
			*(block *)(to + at) = *(const block *)(from + at);
		for (; at < size; at++)
			to[at] = from[at];
	} else {
		for (at = size; at; at--)
			to[at - 1] = from[at - 1];
	}
}

void CORELIB(System_SpanHelpers__ClearWithoutReferences)(uint8_t *memory, size_t size)
{
	CORELIB(System_SpanHelpers__Fill)(memory, 0, size);
}

void CORELIB(System_SpanHelpers__Fill)(uint8_t *memory, uint8_t byte, size_t size)
{
	const block bytes = (block){ 0 } + byte;
	size_t at = 0;

	for (; at + sizeof(block) <= size; at += sizeof(block))
		*(block *)(memory + at) = bytes;
	for (; at < size; at++)
		memory[at] = byte;
}

bool CORELIB(System_SpanHelpers__SequenceEqual)(const uint8_t *a, const uint8_t *b, size_t size)
{
	for (size_t at = 0; at < size; at++)
		if (a[at] != b[at])
			return false;
	return true;
}

/* A check where the processor makes none, as on arm64; no divisor in the engine is zero. */
void CORELIB(Internal_Runtime_CompilerHelpers_ThrowHelpers__ThrowDivideByZeroException)(void)
{
	abort();
}
