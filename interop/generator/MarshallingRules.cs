// SPDX-License-Identifier: GPL-2.0-only
//
// Where a C# declaration says more than the C one: who owns a queue, which text is copied, when errno counts.
using System.Collections.Generic;
using System.Linq;

namespace Workqueues.Bindings;

internal sealed class MarshallingRules(Header header)
{
    private const string Queue = "struct workqueue_struct *";

    /// <summary>Called by who ends a queue, with its address: the handle's release is under way by then, or over.</summary>
    private static readonly HashSet<string> s_enders = ["destroy_workqueue", "wq_close_workqueue"];

    /// <summary>
    /// schedule_work() sets errno only while the global queue is not up, and the managed code starts that queue
    /// before it uses it; queue_work() only of a closed queue, and the managed code has closed it. Saving errno would
    /// cost every call.
    /// </summary>
    private static readonly HashSet<string> s_withoutErrno =
        ["queue_work", "queue_work_on", "schedule_work", "schedule_work_on", "wq_close_workqueue"];

    /// <summary>Their comments refer to the functions they are variants of.</summary>
    private static readonly HashSet<string> s_withErrno = ["create_freezable_workqueue", "schedule_delayed_work_on"];

    /// <summary>The C# type of a parameter.</summary>
    public string TypeOf(Function function, Parameter parameter) => parameter.Type switch
    {
        Queue when !s_enders.Contains(function.Name) => "WorkqueueHandle",
        // The library copies a queue's name, and keeps the pointers to all other texts.
        "const char *" when IsCopiedText(function, parameter) => "string?",
        "bool" => "[MarshalAs(UnmanagedType.U1)] bool",
        _ => header.Types.Map(parameter.Type),
    };

    /// <summary>The C# type of a result.</summary>
    public string ReturnTypeOf(Function function) =>
        function.ReturnType == Queue ? "WorkqueueHandle" : header.Types.Map(function.ReturnType);

    /// <summary>Has the function text that is marshalled?</summary>
    public static bool HasText(Function function) => function.Parameters.Any(p => IsCopiedText(function, p));

    /// <summary>Does errno tell why the function failed?</summary>
    public bool SetsErrno(Function function)
    {
        if (s_withErrno.Contains(function.Name))
            return true;
        if (s_withoutErrno.Contains(function.Name))
            return false;
        return function.Doc.Mentions("errno") || function.Doc.ReturnsAs().Any(
            name => header.Functions.Find(f => f.Name == name) is { } other && other != function && SetsErrno(other));
    }

    private static bool IsCopiedText(Function function, Parameter parameter) =>
        function.ReturnType == Queue && parameter is { Type: "const char *", Name: "name" };
}
