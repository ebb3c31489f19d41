// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/import/import_ending.h"

#include <gtest/gtest.h>

#include <cstdlib>

namespace patd::cli {
namespace {

bool has(const std::string& text, const char* part) {
    return text.find(part) != std::string::npos;
}

TEST(ImportEnding, NamesTheCommandsWithWhichAToolForgetsAndRemovesNoFileOfItsOwn) {
    Credentials docker =
        parse_credentials(R"({"auths": {"r.example:5000": {"auth": "YWxpY2U6czM="}}})",
                          FileFormat::Docker)
            .value();
    const std::string text =
        tell_of_file({.file = "/x/config.json", .format = FileFormat::Docker}, docker, {});
    EXPECT_TRUE(has(text, "/x/config.json still holds these secrets")) << text;
    EXPECT_TRUE(has(text, "    docker --config '/x' logout 'r.example:5000'\n")) << text;
    EXPECT_TRUE(has(text, "podman logout"));
    EXPECT_FALSE(has(text, "rm --"));
    Credentials aws =
        parse_credentials("[a]\naws_access_key_id=A\naws_secret_access_key=k\n", FileFormat::Aws)
            .value();
    EXPECT_TRUE(has(tell_of_file({.file = "-", .format = FileFormat::Aws}, aws, {}),
                    "with an editor, from line 2 on"));
}

TEST(ImportEnding, NamesACommandOnlyWhereItTakesThemOutOfThatVeryFile) {
    const auto tell = [](FileFormat format, std::string text, const std::string& file) {
        const Credentials read = parse_credentials(text, format, "").value();
        return tell_of_file({.file = file, .format = format}, read, {});
    };
    const std::string npmrc = "//npm.example/:_authToken=npm_secret\n";
    EXPECT_TRUE(has(tell(FileFormat::Npm, npmrc, "/x/it's/.npmrc"),
                    "\n    npm --userconfig '/x/it'\\''s/.npmrc' config delete "
                    "'//npm.example/:_authToken'\n"));
    EXPECT_TRUE(has(tell(FileFormat::Cargo, "[registry]\ntoken = \"s\"\n", "/x/credentials.toml"),
                    "\n    CARGO_HOME='/x' cargo logout\n"));
    const std::string kube =
        "apiVersion: v1\nclusters:\n- name: c\n  cluster:\n    server: https://k.example\n"
        "contexts:\n- name: x\n  context:\n    cluster: c\n    user: u\n"
        "users:\n- name: u\n  user:\n    token: s3\n";
    EXPECT_TRUE(has(tell(FileFormat::Kube, kube, "/x/kubeconfig"),
                    "\n    kubectl --kubeconfig '/x/kubeconfig' config unset 'users.u.token'\n"));
    // These keep their own file, whatever they are told.
    const std::string home = getenv("HOME");
    const std::string login = R"({"credentials": {"tf.example": {"token": "s3"}}})";
    EXPECT_TRUE(
        has(tell(FileFormat::Terraform, login, home + "/.terraform.d/credentials.tfrc.json"),
            "\n    terraform logout 'tf.example'\n"));
    const std::string other = tell(FileFormat::Terraform, login, "/x/credentials.tfrc.json");
    EXPECT_FALSE(has(other, "terraform logout")) << other;
    EXPECT_TRUE(has(other, "with an editor, from line 1 on")) << other;
    // podman's, which has no config.json; and one of which nobody knows where it is.
    const std::string auths = R"({"auths": {"r.example": {"auth": "YWxpY2U6czM="}}})";
    for (const char* file : {"/x/auth.json", "-"}) {
        const std::string told = tell(FileFormat::Docker, auths, file);
        EXPECT_FALSE(has(told, "logout")) << told;
        EXPECT_TRUE(has(told, "with an editor, from line 1 on")) << told;
    }
    EXPECT_FALSE(has(tell(FileFormat::Npm, npmrc, "-"), "npm config delete"));
}

TEST(ImportEnding, NamesTheWayThroughTheGatewayInPlaceOfTheTools) {
    const Credentials docker =
        parse_credentials(R"({"auths": {"r.example": {"auth": "YWxpY2U6czM="}}})",
                          FileFormat::Docker)
            .value();
    const std::string text = tell_of_file(
        {.file = "-", .format = FileFormat::Docker, .through_gateway = true}, docker, {});
    EXPECT_TRUE(has(text, "\n    patctl exec --through-gateway -t URL -- COMMAND\n")) << text;
    EXPECT_FALSE(has(text, "patctl setup docker"));
}

std::string ending_of(FileFormat format, std::string text, std::string beside = "") {
    const Credentials read = parse_credentials(text, format, beside).value();
    return tell_of_file({.file = "-", .format = format}, read, {});
}

TEST(ImportEnding, NamesTheCommandByWhichTheToolAsksPatdOfItsPlaces) {
    const std::string docker =
        ending_of(FileFormat::Docker, R"({"auths": {"r.example:5000": {"auth": "YWxpY2U6czM="},
                                                    "a.example": {"auth": "YWxpY2U6czM="}}})");
    EXPECT_TRUE(has(docker, "\n    patctl setup docker 'a.example' 'r.example:5000'\n")) << docker;
    EXPECT_TRUE(has(docker, "\n    patctl setup podman 'a.example' 'r.example:5000'\n")) << docker;
    EXPECT_TRUE(has(ending_of(FileFormat::Cargo, "[registries.r]\ntoken = \"s\"\n",
                              "[registries.r]\nindex = \"sparse+https://r.example/\"\n"),
                    "\n    patctl setup cargo\n"));
    const std::string npm =
        ending_of(FileFormat::Npm, "//npm.example:8443/a/b/:_authToken=npm_secret\n");
    EXPECT_TRUE(has(npm, "\n    patctl setup pnpm 'npm.example:8443/a/b'\n")) << npm;
    EXPECT_TRUE(
        has(ending_of(FileFormat::Aws, "[a]\naws_access_key_id=A\naws_secret_access_key=k\n"),
            "\n    patctl setup aws 'a'\n"));
    EXPECT_TRUE(
        has(ending_of(FileFormat::Pip, "[global]\nindex-url = https://u:s@p.example/simple\n"),
            "\n    patctl setup pip --link\n"));
    EXPECT_TRUE(
        has(ending_of(FileFormat::Terraform, R"({"credentials": {"tf.example": {"token": "s3"}}})"),
            "\n    patctl setup terraform\n"));
    EXPECT_TRUE(
        has(ending_of(FileFormat::Kube,
                      "apiVersion: v1\nclusters:\n- name: c\n  cluster:\n    server: "
                      "https://k.example:6443\ncontexts:\n- name: x\n  context:\n    "
                      "cluster: c\n    user: u\nusers:\n- name: u\n  user:\n    token: s3\n"),
            "\n    patctl setup kubectl\n"));
}

TEST(ImportEnding, LeavesTheNamesOutWhereThereAreTooManyToRead) {
    std::string text;
    for (int i = 0; i < 9; ++i)
        text += "//npm" + std::to_string(i) + ".example/:_authToken=npm_secret\n";
    EXPECT_TRUE(has(ending_of(FileFormat::Npm, text), "\n    patctl setup pnpm\n"));
}

TEST(ImportEnding, RemovesAFileOfCredentialsAlone) {
    Credentials git = parse_credentials("https://a:b@c.example\n", FileFormat::Git).value();
    const Ending ending{.file = "/x/.git-credentials", .fixes = {"patctl setup git"}};
    const std::string text = tell_of_file(ending, git, {});
    EXPECT_TRUE(has(text, "    patctl setup git")) << text;
    EXPECT_TRUE(has(text, "    rm -- '/x/.git-credentials'")) << text;
    EXPECT_FALSE(has(tell_of_file(ending, git, {{1, "AbCdE01234"}}), "rm --"));
    git.pass_over(2, "something");
    EXPECT_FALSE(has(tell_of_file(ending, git, {}), "rm --"));
}

}  // namespace
}  // namespace patd::cli
