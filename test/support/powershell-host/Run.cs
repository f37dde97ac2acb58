using System.Globalization;
using System.Management.Automation;
using System.Management.Automation.Host;
using System.Management.Automation.Runspaces;
using System.Text;

namespace PowerShellHost;

internal sealed record RunOptions(string? Prelude, bool IsConstrained, string? Script, string? File, string[] Rest)
{
    /// <summary>Takes the flags that powershell.exe takes; those without meaning for a bare engine are passed over.</summary>
    public static RunOptions Read(string[] args)
    {
        var options = new RunOptions(null, false, null, null, []);
        for (var index = 0; index < args.Length; index++)
        {
            string Next() => args[++index];
            if (options.File is not null) break;
            options = args[index].ToLowerInvariant() switch
            {
                "--prelude" => options with { Prelude = Next() },
                "--constrained" => options with { IsConstrained = true },
                "-encodedcommand" => options with { Script = Encoding.Unicode.GetString(Convert.FromBase64String(Next())) },
                "-command" => options with { Script = Next() },
                // Everything after the file is for the script.
                "-file" => options with { File = Next(), Rest = args[(index + 1)..] },
                "-executionpolicy" or "-inputformat" => Skip(options, Next()),
                "-nologo" or "-noprofile" or "-noninteractive" => options,
                var other => throw new ArgumentException($"powershell-host does not know {other}"),
            };
        }
        return options;
    }

    private static RunOptions Skip(RunOptions options, string _) => options;
}

/// <summary>One runspace with the language, the engine's own commands and the two of them that it lacks for JSON.</summary>
internal static class Run
{
    public static int Of(RunOptions options)
    {
        var state = InitialSessionState.CreateDefault2();
        state.Commands.Add(new SessionStateCmdletEntry("ConvertFrom-Json", typeof(ConvertFromJson), null));
        var host = new SilentHost();
        using var runspace = RunspaceFactory.CreateRunspace(host, state);
        runspace.Open();
        if (options.Prelude is not null && !Invoke(runspace, shell => shell.AddScript(System.IO.File.ReadAllText(options.Prelude), false))) return 1;
        if (options.IsConstrained) runspace.SessionStateProxy.LanguageMode = PSLanguageMode.ConstrainedLanguage;
        var done = options.File is null
            ? Invoke(runspace, shell => shell.AddScript(options.Script ?? "", false))
            : Invoke(runspace, shell => AddFile(shell, options));
        return host.ExitCode ?? (done ? 0 : 1);
    }

    private static void AddFile(PowerShell shell, RunOptions options)
    {
        shell.AddCommand(Path.GetFullPath(options.File!), false);
        for (var index = 0; index < options.Rest.Length; index++)
        {
            var name = options.Rest[index].TrimStart('-');
            var hasValue = index + 1 < options.Rest.Length && !options.Rest[index + 1].StartsWith('-');
            shell.AddParameter(name, hasValue ? options.Rest[++index] : true);
        }
    }

    /// <summary>Objects that a script leaves over go to stdout, errors to stderr.</summary>
    private static bool Invoke(Runspace runspace, Action<PowerShell> prepare)
    {
        using var shell = PowerShell.Create(runspace);
        prepare(shell);
        var output = new PSDataCollection<PSObject>();
        output.DataAdded += (_, _) =>
        {
            foreach (var one in output.ReadAll()) Console.Out.WriteLine(one);
        };
        shell.Streams.Error.DataAdded += (_, added) => Console.Error.WriteLine(shell.Streams.Error[added.Index]);
        try
        {
            shell.Invoke<object, PSObject>(null, output, null);
            return true;
        }
        catch (RuntimeException error)
        {
            Console.Error.WriteLine($"{error.ErrorRecord.FullyQualifiedErrorId}: {error.Message} {error.ErrorRecord.InvocationInfo?.PositionMessage}");
            return false;
        }
    }
}

/// <summary>Knows nobody to ask, and keeps what `exit` says.</summary>
internal sealed class SilentHost : PSHost
{
    public int? ExitCode { get; private set; }
    public override CultureInfo CurrentCulture => CultureInfo.InvariantCulture;
    public override CultureInfo CurrentUICulture => CultureInfo.InvariantCulture;
    public override Guid InstanceId { get; } = Guid.NewGuid();
    public override string Name => "powershell-host";
    public override PSHostUserInterface? UI => null;
    public override Version Version => new(1, 0);
    public override void EnterNestedPrompt() => throw new NotSupportedException();
    public override void ExitNestedPrompt() => throw new NotSupportedException();
    public override void NotifyBeginApplication() { }
    public override void NotifyEndApplication() { }
    public override void SetShouldExit(int exitCode) => ExitCode = exitCode;
}
