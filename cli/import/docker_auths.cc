// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/git/git_config.h"
#include "cli/import/text_lines.h"
#include "cli/import/tool_files.h"

#include <array>
#include <optional>
#include <vector>

namespace patd::cli {
namespace {

constexpr std::string_view kHub = "index.docker.io";

// What "auths" has for one registry. Views the text.
struct Auth {
    std::string_view key;
    std::string_view auth = {};
    std::string_view username = {};
    std::string_view password = {};
    std::string_view identity = {};  // a token that the registry made of a password
    std::string_view registry = {};  // the same, for minutes
};

class AuthsReader final : public JsonVisitor {
  public:
    bool open(JsonPath where, bool is_array) override {
        if (where.size() == 1 && where[0].key == "auths")
            return !is_array;
        if (where.size() == 2 && where[0].key == "auths") {
            auths_.push_back({where[1].key});
            return !is_array;
        }
        return find(where) == nullptr;
    }
    bool value(JsonPath where, JsonKind kind, std::string_view text) override {
        if (where.front().key == "auths" && where.size() < 3)
            return false;
        std::string_view* const field = find(where);
        if (field == nullptr)
            return true;
        *field = text;
        return kind == JsonKind::Text;
    }
    const std::vector<Auth>& auths() const { return auths_; }

  private:
    std::string_view* find(JsonPath where) {
        if (where.size() != 3 || where[0].key != "auths" || auths_.empty())
            return nullptr;
        Auth& auth = auths_.back();
        const std::array<std::pair<std::string_view, std::string_view*>, 5> fields = {
            {{"auth", &auth.auth},
             {"username", &auth.username},
             {"password", &auth.password},
             {"identitytoken", &auth.identity},
             {"registrytoken", &auth.registry}}};
        for (const auto& [name, field] : fields) {
            if (name == where[2].key)
                return field;
        }
        return nullptr;
    }

    std::vector<Auth> auths_;
};

void add(const Auth& auth, std::size_t line, Credentials& credentials) {
    if (!auth.identity.empty() || !auth.registry.empty())
        return credentials.pass_over(
            line,
            "an identity token, which docker and podman take from no program; log in again with a "
            "user name");
    // The host that the tools ask for; /v1/ or /v2/ behind it is the API.
    const std::size_t end = auth.key.find("://");
    const std::string_view scheme =
        end == std::string_view::npos ? "https" : auth.key.substr(0, end);
    const std::string_view rest =
        end == std::string_view::npos ? auth.key : auth.key.substr(end + 3);
    const std::string_view host = rest.substr(0, rest.find('/'));
    const std::string_view path = rest.substr(host.size());
    if (host.find('@') != std::string_view::npos)
        return credentials.fault(line, Errc::InvalidTarget,
                                 "its name is not HOST[:PORT], the registry's");
    if (!path.empty() && path != "/" && path != "/v1/" && path != "/v2/")
        return credentials.pass_over(line,
                                     "for a part of a registry: docker and podman ask programs for "
                                     "whole registries only");
    SecretBuffer both;
    std::string_view username = auth.username;
    std::string_view password = auth.password;
    if (!auth.auth.empty()) {
        Result<SecretBuffer> decoded = decode_base64(auth.auth);
        if (!decoded || !divide_basic(*decoded, username, password))
            return credentials.fault(line, Errc::InvalidSecret,
                                     "its auth is not the base64 of USER:SECRET");
        both = std::move(*decoded);
    }
    if (username.empty() && password.empty())
        return credentials.pass_over_for_good(line, "it has no secret; a credential store may");
    const bool is_hub = host == kHub;
    credentials.add(line,
                    {.protocol = scheme,
                     .host = host,
                     .path = "",
                     .username = username,
                     .secret = password,
                     .removal = is_hub ? std::string("docker logout")
                                       : "docker logout " + quote_for_shell(std::string(host))});
    if (is_hub || host == "docker.io")
        credentials.note(line,
                         "docker asks for https://index.docker.io, podman for https://docker.io: "
                         "give the token both targets if you use both");
}

}  // namespace

Result<void> parse_docker_auths(std::span<char> text, Credentials& credentials) {
    const LineNumbers lines(text);
    AuthsReader reader;
    TRY(walk_json_file(text, "docker", reader));
    for (const Auth& auth : reader.auths())
        add(auth, lines.of(auth.key), credentials);
    return {};
}

}  // namespace patd::cli
