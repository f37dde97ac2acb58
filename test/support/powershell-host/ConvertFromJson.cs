using System.Management.Automation;
using System.Text.Json;

namespace PowerShellHost;

/// <summary>ConvertFrom-Json belongs to a command module that the bare engine has not. Same name, same outcome.</summary>
[Cmdlet(VerbsData.ConvertFrom, "Json")]
public sealed class ConvertFromJson : Cmdlet
{
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true)]
    public string InputObject { get; set; } = "";

    protected override void ProcessRecord()
    {
        using var document = JsonDocument.Parse(InputObject);
        WriteObject(Value(document.RootElement), false);
    }

    private static object? Value(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => Table(element),
        JsonValueKind.Array => element.EnumerateArray().Select(Value).ToArray(),
        JsonValueKind.String => element.GetString(),
        JsonValueKind.Number => element.TryGetInt64(out var whole) ? whole : element.GetDouble(),
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => null,
    };

    private static PSObject Table(JsonElement element)
    {
        var table = new PSObject();
        foreach (var property in element.EnumerateObject()) table.Properties.Add(new PSNoteProperty(property.Name, Value(property.Value)));
        return table;
    }
}
