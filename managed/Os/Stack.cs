// SPDX-License-Identifier: GPL-2.0-only
// The calling thread's stack as text, for reports.
//
// Frames of the library are left out: they tell its user nothing. Frames are found by
// glibc's backtrace(). That allocates the first time it is called in a process, so it
// is used for reports only. Kernel counterpart: dump_stack.

using Wq.Base;

namespace Wq.Os;

internal static unsafe class Stack
{
    private const int MaxFrames = 48;
    private const int MaxShown = 12;

    /// <summary>Appends "; call stack: f+0x12 &lt; g+0x345 ...", innermost first.</summary>
    public static void Append(ref Report report)
    {
        void** frames = stackalloc void*[MaxFrames];
        int nr = Libc.backtrace(frames, MaxFrames);
        void* own = nr > 0 ? FileOf(frames[0]) : null;
        int nrShown = 0;
        for (int i = 0; i < nr && nrShown < MaxShown; i++)
        {
            if (own != null && FileOf(frames[i]) == own)
            {
                continue;
            }
            report.Text(nrShown++ == 0 ? "; call stack: "u8 : " < "u8);
            Bug.AppendSymbol(ref report, frames[i]);
        }
    }

    // The address that a file is loaded at identifies the file.
    private static void* FileOf(void* address)
    {
        DlInfo info;
        return Libc.dladdr(address, &info) != 0 ? info.FileBase : null;
    }
}
