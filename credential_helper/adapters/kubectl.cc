// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "common/json/json_reader.h"
#include "common/json/json_text.h"
#include "credential_helper/adapters/adapters.h"
#include "credential_helper/adapters/options.h"
#include "credential_helper/adapters/place.h"
#include "credential_helper/adapters/times.h"

#include <array>

namespace patd::credential_helper {
namespace {

constexpr std::string_view kKubeGroup = "client.authentication.k8s.io/";
constexpr std::string_view kKube = "kube://";
constexpr std::string_view kKubeNoServer =
    "kubectl does not say which server it means; set provideClusterInfo: true in its exec "
    "section, or give the server's URL as an argument";

Result<Question> parse_kubectl(const Call& call) {
    const Options options(call.arguments);
    if (!options.fault().empty() || options.words().size() > 1)
        return only_complaint(options.fault().empty()
                                  ? "usage: pat-kubectl [--permission LIST] [--ttl TIME] [URL]"
                                  : options.fault());
    Question question;
    question.verb = Verb::Get;
    question.narrowing = options.narrowing();
    question.show = options.show();
    std::array<JsonField, 3> fields = {{{"apiVersion"}, {"kind"}, {"spec.cluster.server"}}};
    auto& [version, kind, server] = fields;
    if (!call.input.empty()) {
        TRY(read_json(call.input, fields));
        if (!version.found || kind.value != "ExecCredential" ||
            !version.value.starts_with(kKubeGroup))
            return Error{Errc::MalformedRequest, "no ExecCredential"};
    }
    question.echo = version.found ? version.value : "client.authentication.k8s.io/v1";
    if (options.words().empty() && !server.found)
        return only_complaint(kKubeNoServer);
    const std::string_view place = options.words().empty() ? server.value : options.words().front();
    if (place.starts_with(kKube)) {
        TRY(take_place(place, question));
        return question;
    }
    TRY(take_web_place(place, question, "https://"));
    // A token for the cluster itself comes before one for all that is at its host.
    if (!place.starts_with("http://"))
        question.before = kKube;
    return question;
}

Result<void> write_kubectl(const Question& question, const Credential& credential,
                           SecretBuffer& out) {
    JsonText text(out);
    text.raw(R"({"apiVersion":)")
        .quoted(question.echo)
        .raw(R"(,"kind":"ExecCredential","status":{"token":)")
        .quoted(credential.password);
    if (credential.expires != 0)
        text.raw(R"(,"expirationTimestamp":)").quoted(format_time(credential.expires));
    return text.raw("}}").end();
}

}  // namespace

const Adapter kKubectl = {
    .name = "pat-kubectl",
    .tool = "kubectl",
    .reads = Reads::ExecInfo,
    .none = {1, "", "no token fits this server; 'patctl explain URL' says why"},
    .parse = parse_kubectl,
    .write = write_kubectl,
};

}  // namespace patd::credential_helper
