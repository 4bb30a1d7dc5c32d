// SPDX-License-Identifier: GPL-2.0-only
// How the engine reports, and how it ends the process. No other file aborts, and none writes
// but Futex, when it cannot wake.
//
// Every report goes to one handler, by default standard error. Reports of level debug are
// made with WQ_DEBUG only. Refuse and Warn return to the caller, Die does not. If one bad
// caller could repeat a report without end, the report is made once per place (OncePer),
// with a flag that the place owns. All others are limited to ten in five seconds from
// one place (RateLimit).
// No locks: handler and context are two words. A report may meet one old and one new
// word only while a caller is replacing them, which the header says.

global using unsafe LogFunc = delegate* unmanaged[SuppressGCTransition]<int, byte*, void*, void>;
using System;
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

    // A key for Watcher: what the thread did before it set the handler comes before the handler's calls.
    private static void* Key => Address.Of(ref s_debug);

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
        RateLimit.Reset(); // The new handler has had no report yet.
    }

    /// <summary>Misuse or failure: the call is refused.</summary>
    public static void Refuse(ref Report report) => EmitLimited(LogErr, ref report);

    /// <summary>Suspicious: the call goes on.</summary>
    public static void Warn(ref Report report) => EmitLimited(LogWarning, ref report);

    /// <summary>Warn without a limit, from a place that reports each thing once: one left out would be lost.</summary>
    public static void WarnUnlimited(ref Report report) => Emit(LogWarning, ref report);

    /// <summary>Refuse from such a place.</summary>
    public static void RefuseUnlimited(ref Report report) => Emit(LogErr, ref report);

    /// <summary>Says why by errno alone: the queue takes no work. Whether that is reported as well, the caller decides.</summary>
    public static void RefuseQuietly() => Libc.Errno = Errno.ESHUTDOWN;

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

    /// <summary>Work could be lost by a broken invariant: report, then abort.</summary>
    public static void Die(ReadOnlySpan<byte> text)
    {
        Report report = default;
        report.Text("BUG: workqueue: "u8);
        report.Text(text);
        Die(ref report);
    }

    /// <summary>Die with "BUG: workqueue: " and a text that names what is broken.</summary>
    public static void Die(ref Report report)
    {
        Stack.Append(ref report);
        Emit(LogCrit, ref report);
        Libc.abort();
    }

    /// <summary>True the first time it is asked about <paramref name="flag"/>.</summary>
    public static bool OncePer(ref int flag) => Atomic.Exchange(ref flag, 1) == 0;

    /// <summary>
    /// Appends a function as symbol+offset. A function without a symbol, such as a static function of a program,
    /// becomes file+offset; one that is in no file becomes its address.
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
