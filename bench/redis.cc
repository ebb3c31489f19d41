// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "bench/redis.h"

#include "bench/connection.h"

namespace patd::bench {
namespace {

// In redis's protocol, RESP2.
std::string redis_command(const std::vector<std::string>& words) {
    std::string text = "*" + std::to_string(words.size()) + "\r\n";
    for (const std::string& word : words)
        text.append("$")
            .append(std::to_string(word.size()))
            .append("\r\n")
            .append(word)
            .append("\r\n");
    return text;
}

}  // namespace

RedisServer start_redis(const Workspace& workspace) {
    RedisServer server{workspace.disk("redis"), {}, std::string(120, 'v'), nullptr};
    server.process = std::make_unique<Background>(
        Command{{"/usr/bin/redis-server", "--port", "0", "--unixsocket", server.socket, "--save",
                 "", "--appendonly", "no", "--dir", workspace.disk("."), "--loglevel", "warning"},
                environment_with({})});
    server.process->wait_until_listening(server.socket);
    Connection connection(server.socket);
    for (int i = 0; i < 1000; ++i) {
        const std::string key = "token:" + std::string(54, 'x') + std::to_string(1000 + i);
        connection.call(redis_command({"SET", key, server.value}), "+OK\r\n");
        server.requests.push_back(redis_command({"GET", key}));
    }
    return server;
}

}  // namespace patd::bench
