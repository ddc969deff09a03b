namespace Coxswain.Guest;

/// <summary>Whose a program is, where the place knows such things.</summary>
/// <param name="Group">What belongs together: a namespace, a cgroup above others.</param>
/// <param name="Pod">Programs with the same one are in one pod.</param>
/// <param name="App">Value of the label <c>app</c>.</param>
internal sealed record Home(string Group, string Pod, string App);
