// SPDX-License-Identifier: GPL-2.0-only
// How the engine complains, and how it dies: nothing else writes or aborts.
//
// Every report goes to one handler, by default standard error; those of level debug
// with WQ_DEBUG only. Refuse and Warn return to the caller, Die does not. A report that one bad caller could repeat
// without end is made once per place (OncePer) with a word the place owns; any
// other is limited to ten in five seconds from one place (RateLimit).
// No locks: the handler and its context are read as a pair that may be torn
// only while a caller is replacing them, which the header says.

global using unsafe LogFunc = delegate* unmanaged[SuppressGCTransition]<int, byte*, void*, void>;
using System;
using System.Runtime.CompilerServices;
using Tmds.Linux;
using Wq.Base;

namespace Wq.Os;

internal static unsafe class Bug
{
    // enum wq_log_level of the header.
    public const int LogCrit = 2;
    public const int LogErr = 3;
    public const int LogWarning = 4;
    public const int LogDebug = 7;

    private static LogFunc s_handler;
    private static void* s_context;
    private static bool s_debug;

    // What the handler's setter has done comes before the handler's calls.
    private static void* Key => Unsafe.AsPointer(ref s_debug);

    /// <summary>Is WQ_DEBUG set: debug reports, and Core's optional checks?</summary>
    public static bool IsDebug => s_debug;

    public static void Init() => s_debug = Environ.IsOn("WQ_DEBUG"u8);

    public static void SetHandler(LogFunc handler, void* context)
    {
        Watcher.Init(); // The engine may not be there yet.
        Watcher.Release(Key);
        s_handler = null;
        Atomic.Fence();
        s_context = context;
        Atomic.Fence();
        s_handler = handler;
        RateLimit.Reset(); // Who listens from now on has heard nothing yet.
    }

    /// <summary>Misuse or failure: the call is refused.</summary>
    public static void Refuse(ref Report report) => EmitLimited(LogErr, ref report);

    /// <summary>Suspicious: the call goes on.</summary>
    public static void Warn(ref Report report) => EmitLimited(LogWarning, ref report);

    /// <summary>Warn from a place that says each thing once: to leave one out would be to lose it.</summary>
    public static void WarnUnlimited(ref Report report) => Emit(LogWarning, ref report);

    /// <summary>Refuse from such a place.</summary>
    public static void RefuseUnlimited(ref Report report) => Emit(LogErr, ref report);

    /// <summary>Refuse without a report, as nobody has done anything wrong: the queue is closed.</summary>
    public static void RefuseQuietly() => Libc.Errno = LibC.ESHUTDOWN;

    public static void Debug(ref Report report) => Emit(LogDebug, ref report);

    /// <summary>Refuse with a fixed text.</summary>
    public static void Refuse(ReadOnlySpan<byte> text)
    {
        Report report = default;
        report.Text(text);
        Refuse(ref report);
    }

    /// <summary>Warn with a fixed text.</summary>
    public static void Warn(ReadOnlySpan<byte> text)
    {
        Report report = default;
        report.Text(text);
        Warn(ref report);
    }

    /// <summary>A broken invariant that work could be lost by: report, then abort.</summary>
    public static void Die(ReadOnlySpan<byte> text)
    {
        Report report = default;
        report.Text("BUG: workqueue: "u8);
        report.Text(text);
        Die(ref report);
    }

    /// <summary>Die with a text that names what is broken; it begins with "BUG: workqueue: ".</summary>
    public static void Die(ref Report report)
    {
        Stack.Append(ref report);
        Emit(LogCrit, ref report);
        Libc.abort();
    }

    /// <summary>True the first time it is asked about <paramref name="flag"/>.</summary>
    public static bool OncePer(int* flag) => Atomic.Exchange(flag, 1) == 0;

    /// <summary>
    /// Appends a function as symbol+offset; as file+offset where it has no symbol, which is what a static
    /// function of a program is; as its address if it is in no file.
    /// </summary>
    public static void AppendSymbol(ref Report report, void* function)
    {
        DlInfo info;
        if (function == null || Libc.dladdr(function, &info) == 0)
        {
            report.Hex((nuint)function);
            return;
        }
        bool named = info.SymbolName != null;
        report.CString(named ? info.SymbolName : BaseName(info.FileName));
        nuint offset = (nuint)function - (nuint)(named ? info.SymbolAddress : info.FileBase);
        if (offset != 0)
        {
            report.Text("+"u8);
            report.Hex(offset);
        }
    }

    private static byte* BaseName(byte* path)
    {
        byte* name = path;
        for (; *path != 0; path++)
        {
            name = *path == '/' ? path + 1 : name;
        }
        return name;
    }

    private static void EmitLimited(int level, ref Report report)
    {
        int nrMissed;
        if (!RateLimit.MayReport(report.Place, &nrMissed))
        {
            return;
        }
        Emit(level, ref report);
        if (nrMissed != 0)
        {
            Report missed = default;
            missed.Text("workqueue: "u8);
            missed.Decimal(nrMissed);
            missed.Text(" reports like this were suppressed"u8);
            Emit(level, ref missed);
        }
    }

    private static void Emit(int level, ref Report report)
    {
        if (level == LogDebug && !s_debug)
        {
            return;
        }
        byte* text = stackalloc byte[Report.SizeBytes + 1];
        report.CopyTo(text);
        LogFunc handler = s_handler;
        if (handler != null)
        {
            Watcher.Acquire(Key);
            int cancel = PThread.DisableCancel();
            handler(level, text, s_context);
            PThread.RestoreCancel(cancel);
        }
        else
        {
            text[report.Length] = (byte)'\n';
            Libc.write(2, text, (nuint)report.Length + 1);
        }
    }
}
