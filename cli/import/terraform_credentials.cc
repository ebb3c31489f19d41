// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/git/git_config.h"
#include "cli/import/text_lines.h"
#include "cli/import/tool_files.h"

#include <vector>

namespace patd::cli {
namespace {

// {"credentials": {HOST: {"token": TOKEN}}}
class TokensReader final : public JsonVisitor {
  public:
    struct Row {
        std::string_view host;
        std::string_view token = {};
    };

    bool open(JsonPath where, bool is_array) override {
        if (where.empty() || where.front().key != "credentials")
            return true;
        if (where.size() == 2)
            rows_.push_back({where[1].key});
        return where.size() < 3 && !is_array;
    }
    bool value(JsonPath where, JsonKind kind, std::string_view text) override {
        if (where.front().key != "credentials")
            return true;
        if (where.size() != 3)
            return false;
        if (where[2].key != "token")
            return true;
        rows_.back().token = text;
        return kind == JsonKind::Text;
    }
    const std::vector<Row>& rows() const { return rows_; }

  private:
    std::vector<Row> rows_;
};

}  // namespace

Result<void> parse_terraform_credentials(std::span<char> text, Credentials& credentials) {
    const LineNumbers lines(text);
    TokensReader reader;
    TRY(walk_json_file(text, "terraform", reader));
    for (const TokensReader::Row& row : reader.rows()) {
        const std::size_t line = lines.of(row.host);
        if (row.token.empty())
            credentials.pass_over_for_good(line, "it has no token");
        else
            credentials.add(
                line, {.protocol = "https",
                       .host = row.host,
                       .path = "",
                       .username = kTerraformUsername,
                       .secret = row.token,
                       .removal = "terraform logout " + quote_for_shell(std::string(row.host))});
    }
    return {};
}

}  // namespace patd::cli
