// SPDX-License-Identifier: Apache-2.0
#include "engine/serve.h"

#include "engine/log.h"
#include "engine/web/pages.h"

namespace telavis {

Running::Running(Node& node)
    : api_(std::make_unique<Api>(
          node.service(), node.registry(),
          ApiOptions{embedded_web(), [&node] { return node.ready().has_value(); },
                     node.config().metrics_for_all})),
      workers_(node.service(), node.registry(), node.config().worker_poll, log_error) {}

Result<std::unique_ptr<Running>> Running::start(Node& node) {
  const Config& config = node.config();
  std::unique_ptr<Running> running(new Running(node));
  ServerOptions options;
  options.address = config.listen_address;
  options.port = config.listen_port;
  options.certificate_file = config.certificate_file.string();
  options.key_file = config.certificate_key_file.string();
  Api& api = *running->api_;
  HttpHandler handler;
  handler.handle = [&api](const HttpRequest& request) { return api.handle(request); };
  handler.body_limit = [&api](const HttpRequest& header) { return api.body_limit(header); };
  handler.refuse = [&api](const HttpRequest& header, const Error& error) {
    return api.refuse(header, error);
  };
  auto server = Server::start(options, std::move(handler));
  if (!server) return tl::unexpected(server.error());
  running->server_ = std::move(*server);
  running->base_url_ = "https://localhost:" + std::to_string(running->server_->port());
  log_info("serving " + running->base_url_);
  return running;
}

}  // namespace telavis
