// SPDX-License-Identifier: GPL-2.0-only
//
// Writes the C# declarations of native/include/workqueue.h:
//
//   Workqueue.Bindings --include native/include --comments native/man/kernel_doc.py --output interop [--check]
//
// Exit code 0: written, or with --check the same as what is there; 1: they differ, or clang, a comment or a
// declaration could not be understood. The output depends on the header alone, so that two runs give the same bytes.
using System;
using System.Collections.Generic;
using System.CommandLine;
using System.IO;

namespace Workqueues.Bindings;

internal static class Program
{
    private static int Main(string[] args)
    {
        Option<DirectoryInfo> include = new("--include")
        {
            Description = "the directory of workqueue.h",
            Required = true,
        };
        Option<FileInfo> comments = new("--comments")
        {
            Description = "the script that parses the comments",
            Required = true,
        };
        Option<DirectoryInfo> output = new("--output")
        {
            Description = "where NativeMethods.g.cs and NativeTypes.g.cs are, or shall be",
            Required = true,
        };
        Option<bool> check = new("--check") { Description = "write nothing; fail if a file would change" };
        Option<string> clang = new("--clang")
        {
            Description = "the compiler to ask",
            DefaultValueFactory = _ => "clang-14",
        };
        RootCommand command = new("Writes the C# declarations of workqueue.h.") { include, comments, output, check, clang };
        command.SetAction(parsed => Run(
            new Clang(parsed.GetRequiredValue(clang), parsed.GetRequiredValue(include).FullName),
            parsed.GetRequiredValue(comments).FullName,
            parsed.GetRequiredValue(output).FullName,
            parsed.GetValue(check)));
        return command.Parse(args).Invoke();
    }

    private static int Run(Clang clang, string comments, string directory, bool check)
    {
        try
        {
            Header header = HeaderReader.Read(clang, Comments.Read(comments, clang.Headers));
            return Write(header, directory, check) ? 0 : 1;
        }
        catch (Exception e) when (e is BindingException or IOException)
        {
            Console.Error.WriteLine($"error: {e.Message}");
            return 1;
        }
    }

    private static bool Write(Header header, string directory, bool check)
    {
        bool same = true;
        foreach ((string name, string text) in new List<(string, string)>
        {
            ("NativeMethods.g.cs", new FunctionWriter(header).Write()),
            ("NativeTypes.g.cs", new TypeWriter(header).Write()),
        })
        {
            string path = Path.Combine(directory, name);
            if (File.Exists(path) && File.ReadAllText(path) == text)
                continue;
            same = false;
            if (check)
                Console.Error.WriteLine($"{path} is not what the header says; run ./build.sh bindings");
            else
                File.WriteAllText(path, text);
        }
        return same || !check;
    }
}

/// <summary>The header has something that the generator cannot put into C#.</summary>
internal sealed class BindingException(string message) : Exception(message);
