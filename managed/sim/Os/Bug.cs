// SPDX-License-Identifier: GPL-2.0-only
// How the engine complains in a simulation: a refusal the scenario does not expect
// and every broken invariant end the run as a failure.
// Stands in for the engine's file of the same name.

using System;
using System.Text;
using Wq.Base;
using Wq.Sim;

namespace Wq.Os;

internal static unsafe class Bug
{
    public static bool IsDebug => false;

    public static void Init()
    {
    }

    public static void Refuse(ref Report report) => Judge.Refused(ref report);

    public static void Warn(ref Report report) => Trace.Note(Machine.Current, "warns", ref report);

    public static void RefuseUnlimited(ref Report report) => Refuse(ref report);

    public static void RefuseQuietly() => Judge.RefusedQuietly();

    public static void WarnUnlimited(ref Report report) => Warn(ref report);

    public static void Warn(ReadOnlySpan<byte> text)
    {
        Report report = default;
        report.Text(text);
        Warn(ref report);
    }

    public static void Debug(ref Report report) => Trace.Note(Machine.Current, "says", ref report);

    public static void Refuse(ReadOnlySpan<byte> text)
    {
        Report report = default;
        report.Text(text);
        Refuse(ref report);
    }

    public static void Die(ref Report report)
    {
        byte* text = stackalloc byte[Report.SizeBytes + 1];
        report.CopyTo(text);
        Die(new ReadOnlySpan<byte>(text, report.Length));
    }

    public static void Die(ReadOnlySpan<byte> text) => Machine.Fail("the engine aborts: " + Encoding.UTF8.GetString(text));

    public static bool OncePer(ref int flag) => Atomic.Exchange(ref flag, 1) == 0;

    public static void AppendSymbol(ref Report report, void* function) => report.Text("function"u8);
}
