// SPDX-License-Identifier: GPL-2.0-only
using System;
using System.ComponentModel;
using System.Diagnostics;
using System.IO;
using System.Threading.Tasks;

namespace Workqueues.Bindings;

/// <summary>Runs clang over the public header and the kernel headers whose structs it names.</summary>
internal sealed class Clang(string command, string includeDirectory)
{
    private const string MainHeader = "workqueue.h";

    /// <summary>Completes struct notifier_block, which workqueue.h only names.</summary>
    private const string NotifierHeader = "workqueue/linux/notifier.h";

    /// <summary>The headers whose text is read for comments.</summary>
    public string[] Headers { get; } =
        [Path.Combine(includeDirectory, MainHeader), Path.Combine(includeDirectory, NotifierHeader)];

    /// <summary>The syntax tree as JSON.</summary>
    public string AstJson() => Run("-ast-dump=json");

    /// <summary>Where the fields of every complete struct are.</summary>
    public string RecordLayouts() => Run("-fdump-record-layouts-complete");

    private string Run(string frontEndOption)
    {
        ProcessStartInfo start = new(command)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            ArgumentList =
            {
                "-std=c11", "-fsyntax-only", "-Xclang", frontEndOption, "-I", includeDirectory,
                "-include", Headers[0], "-include", Headers[1], "-x", "c", "/dev/null",
            },
        };
        try
        {
            using Process process = Process.Start(start)!;
            Task<string> errors = process.StandardError.ReadToEndAsync();
            string output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            return process.ExitCode == 0 ? output : throw new BindingException($"{command}: {errors.Result}");
        }
        catch (Win32Exception e)
        {
            throw new BindingException($"{command}: {e.Message}");
        }
    }
}
