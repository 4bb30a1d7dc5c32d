// SPDX-License-Identifier: GPL-2.0-only
using System.Collections.Generic;
using System.ComponentModel;
using System.Diagnostics;
using System.Threading.Tasks;

namespace Workqueues.Bindings;

/// <summary>Another program that knows something of the header.</summary>
internal static class Tool
{
    /// <summary>What the program prints. It is an error if it fails or is not there.</summary>
    public static string Run(string command, IEnumerable<string> arguments)
    {
        ProcessStartInfo start = new(command, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
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
