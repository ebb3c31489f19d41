// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/command/commands.h"
#include "cli/command/exposed_directory.h"
#include "cli/command/token_name.h"
#include "cli/git/git_gateway.h"
#include "cli/session/typed_values.h"
#include "cli/text/counted.h"
#include "cli/text/json.h"
#include "cli/text/time_text.h"
#include "cli/text/wrap.h"
#include "common/base/limits.h"

#include <algorithm>
#include <memory>
#include <set>

namespace patd::cli {
namespace {

using Exposures = std::vector<client::Dictionary>;

struct ExposeOptions {
    std::optional<std::string> place;  // DIR, or at --cut an exposure's id
    std::vector<std::string> only;
    std::string duration = "1h";
    std::string mode = "0600";
    bool cut = false;
};

std::string format_exposures(const Exposures& exposures, UnixTime now, const Style& style) {
    Table table({"EXPOSURE", "SOCKET", "TOKENS", "ENDS"});
    for (const client::Dictionary& exposure : exposures) {
        std::string only;
        for (const std::string& id : exposure.texts("only"))
            only += (only.empty() ? "" : " ") + printable(id);
        table.add({printable(exposure.text("id")), printable(exposure.text("path")), only,
                   format_distance(exposure.time("expires"), now)});
    }
    return table.format(style);
}

Result<ExitCode> list_exposures(const Session& session) {
    client::TokensClient client = TRY(session.connect());
    const Exposures exposures = TRY(client.list_exposures());
    if (session.json)
        TRY(session.print_json(to_json(exposures)));
    else if (exposures.empty())
        TRY(session.print("You have no exposures.\n"));
    else
        TRY(session.print(format_exposures(exposures, session.now(), session.style())));
    return ExitCode::Success;
}

Lasting lasting_of(const ExposeOptions& options) {
    return {"--ttl", options.duration, limits::kExposureSecondsMax, "ExposeMax=", "expose-max"};
}

Result<client::Dictionary> to_dictionary(client::TokensClient& client,
                                         const ExposeOptions& options) {
    client::Dictionary dictionary;
    dictionary.set("seconds", TRY(read_lasting(lasting_of(options), true)));
    std::vector<std::string> only;
    only.reserve(options.only.size());
    for (const std::string& name : options.only)
        only.push_back(TRY(find_token_id(client, name)).text());
    dictionary.set("only", only);
    return dictionary;
}

// Where git in the container finds the places of those tokens that go through the gateway.
struct Way {
    std::string gateway;  // "": this machine has none
    std::set<std::string> forges;

    bool is_there() const { return !gateway.empty() && !forges.empty(); }
    // Behind kGitFileBegin. `pat` is what a container has of patd, somewhere in its PATH.
    std::string git_text() const {
        return ": git's way to these places is the gateway.\n" + format_gateway(gateway, forges) +
               "\thelper =\n\thelper = pat\n";
    }
};

Result<Way> find_way(client::TokensClient& client, const std::vector<std::string>& ids) {
    std::vector<client::Dictionary> tokens = TRY(client.list());
    std::erase_if(tokens, [&](const client::Dictionary& token) {
        return std::find(ids.begin(), ids.end(), token.text("id")) == ids.end();
    });
    Way way{"", gateway_forges(tokens)};
    if (!way.forges.empty())
        way.gateway = TRY(client.status()).text("gateway");
    return way;
}

// What makes git in the container go there. Of the container's own network the gateway is no part.
std::string tell_way(const Way& way) {
    std::string names;
    for (const std::string& forge : way.forges)
        names += (names.empty() ? "" : ", ") + printable(forge);
    if (way.gateway.empty())
        return "\nNobody gets the tokens for " + names +
               ": they go through the gateway, and this machine has none; see patd-gateway(5).";
    return "\nIn there, git reaches " + names + " through the gateway, " + printable(way.gateway) +
           ", which has to be reachable, with this variable:" +
           own_line("GIT_CONFIG_GLOBAL=/run/patd/gitconfig");
}

mode_t parse_mode(const std::string& mode) {
    return mode == "0666" ? 0666 : mode == "0660" ? 0660 : 0600;
}

// The way, written down in the directory.
Result<Way> prepare_way(client::TokensClient& client, const std::string& path,
                        const client::Dictionary& sent) {
    Way way = TRY(find_way(client, sent.texts("only")));
    if (way.is_there())
        TRY(write_git_file(path, way.git_text()));
    return way;
}

Result<ExitCode> open_exposure(const Session& session, const ExposeOptions& options) {
    client::TokensClient client = TRY(session.connect());
    const Result<std::string> path = find_socket_path(*options.place);
    if (!path)
        return session.fail_usage(path.error().context);
    const Result<UniqueFd> listener = listen_at(*path, parse_mode(options.mode));
    if (!listener)
        return session.fail_usage(listener.error().context);
    const Result<client::Dictionary> sent = to_dictionary(client, options);
    const Result<Way> way = sent ? prepare_way(client, *path, *sent) : Result<Way>(sent.error());
    const Result<std::string> id =
        way ? client.open_exposure(listener->get(), *sent) : Result<std::string>(way.error());
    if (!id) {
        remove_socket(*path);
        return way ? refuse_lasting(client, lasting_of(options), id.error()) : id.error();
    }
    const UnixTime expires = session.now() + TRY(read_lasting(lasting_of(options), true));
    nlohmann::json told = {{"id", *id}, {"path", *path}, {"expires", time_to_json(expires)}};
    if (way->is_there()) {
        told["gateway"] = way->gateway;
        told["git_config"] = git_file_of(*path);
    }
    TRY(session.report(told, "Exposure " + printable(*id) + ": whatever can reach " +
                                 printable(*path) + " gets these tokens until " +
                                 format_time(expires) + ". To end it: 'patctl expose --cut " +
                                 printable(*id) + "'." +
                                 (way->forges.empty() ? "" : tell_way(*way))));
    return ExitCode::Success;
}

// Those that `place` names: an id, a directory, or all.
Exposures choose(Exposures exposures, const std::optional<std::string>& place) {
    if (!place)
        return exposures;
    const Result<std::string> path = find_socket_path(*place);
    std::erase_if(exposures, [&](const client::Dictionary& exposure) {
        return exposure.text("id") != *place && (!path || exposure.text("path") != *path);
    });
    return exposures;
}

// The socket of an exposure that ended by itself still lies in its directory.
bool remove_remains(const std::optional<std::string>& place) {
    const Result<std::string> path =
        place ? find_socket_path(*place) : Result<std::string>(Errc::NotFound);
    return path && remove_socket(*path);
}

Result<ExitCode> cut(const Session& session, const ExposeOptions& options) {
    client::TokensClient client = TRY(session.connect());
    const Exposures chosen = choose(TRY(client.list_exposures()), options.place);
    std::vector<std::string> ids;
    for (const client::Dictionary& exposure : chosen) {
        const Result<void> done = client.cut(exposure.text("id"));
        // One that ended by itself in this moment is cut as well.
        if (!done && done.error().code != Errc::NotFound)
            return done.error();
        remove_socket(exposure.text("path"));
        ids.push_back(exposure.text("id"));
    }
    if (ids.empty() && options.place && !remove_remains(options.place))
        return session.fail("NotFound", "there is no such exposure; see 'patctl expose'",
                            ExitCode::NotFound);
    const char* const none =
        options.place ? "It had ended; its socket is removed." : "You have no exposures.";
    TRY(session.report({{"cut", ids}},
                       ids.empty() ? none : counted(ids.size(), "exposure") + " ended."));
    return ExitCode::Success;
}

Result<ExitCode> run_expose(const Session& session, const ExposeOptions& options) {
    if (options.cut)
        return cut(session, options);
    if (!options.place)
        return list_exposures(session);
    if (options.only.empty())
        return session.fail_usage("name the tokens to expose with --only ID");
    return open_exposure(session, options);
}

}  // namespace

void add_expose(CLI::App& app, Session& session) {
    auto options = std::make_shared<ExposeOptions>();
    CLI::App& command = *app.add_subcommand(
        "expose", "Give a container some tokens for a while; list or cut exposures");
    CLI::Option* place = command.add_option("DIR", options->place,
                                            "The directory for the socket; with --cut also an "
                                            "exposure's id");
    CLI::Option* only = command.add_option(
        "--only", options->only, "A token to release there; repeat for more, or use commas");
    only->needs(place)->allow_extra_args(false)->delimiter(',')->type_name("ID");
    CLI::Option* ttl = command.add_option("--ttl", options->duration,
                                          "How long it lasts: 1h (the default), at most 1d");
    ttl->needs(only)->type_name("DURATION");
    CLI::Option* mode = command.add_option("--mode", options->mode,
                                           "The socket's mode: 0600 (the default), 0660 or 0666");
    mode->needs(only)->check(one_of({"0600", "0660", "0666"}));
    command.add_flag("--cut", options->cut, "End an exposure; without DIR, end all of yours")
        ->excludes(only);
    command.callback([&session, options] {
        session.action = [&session, options] { return run_expose(session, *options); };
    });
}

}  // namespace patd::cli
