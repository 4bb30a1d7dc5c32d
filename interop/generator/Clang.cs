// SPDX-License-Identifier: GPL-2.0-only
using System.IO;

namespace Workqueues.Bindings;

/// <summary>Runs clang over the public header and the kernel headers whose structs it names.</summary>
internal sealed class Clang(string command, string includeDirectory)
{
    private const string MainHeader = "workqueue.h";

    /// <summary>Completes struct notifier_block, which workqueue.h only names.</summary>
    private const string NotifierHeader = "workqueue/linux/notifier.h";

    /// <summary>The headers whose declarations and comments are taken, the public one first.</summary>
    public string[] Headers { get; } =
        [Path.Combine(includeDirectory, MainHeader), Path.Combine(includeDirectory, NotifierHeader)];

    /// <summary>The syntax tree as JSON.</summary>
    public string AstJson() => Run("-ast-dump=json");

    /// <summary>Where the fields of every complete struct are.</summary>
    public string RecordLayouts() => Run("-fdump-record-layouts-complete");

    private string Run(string frontEndOption) => Tool.Run(command,
    [
        "-std=c11", "-fsyntax-only", "-Xclang", frontEndOption, "-I", includeDirectory,
        "-include", Headers[0], "-include", Headers[1], "-x", "c", "/dev/null",
    ]);
}
