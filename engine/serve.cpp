// SPDX-License-Identifier: Apache-2.0
#include "engine/serve.h"

#include "engine/log.h"
#include "engine/web/pages.h"

namespace telavis {

Running::Running(Node& node)
    : api_(std::make_unique<Api>(
          node.service(), node.registry(),
          ApiOptions{.static_files = embedded_web(),
                     .ready = [&node] { return node.ready(); },
                     .figures =
                         [this, &node] {
                           return NodeFigures{workers_.figures(), node.storage_trouble().figures(),
                                              node.clock_figures()};
                         },
                     .failed =
                         [&node](const Error& error) {
                           node.storage_trouble().failed(error, node.clock().now());
                         },
                     .metrics_for_all = node.config().metrics_for_all,
                     .clinical_tools = node.config().clinical_tools,
                     .declaration = node.config().declaration})),
      workers_(node.duties(), {.now = [&node] { return node.clock().now(); },
                               .log = log_error,
                               .failed =
                                   [&node](const Error& error) {
                                     node.storage_trouble().failed(error, node.clock().now());
                                   }}) {}

Result<std::unique_ptr<Running>> Running::start(Node& node) {
  const Config& config = node.config();
  if (const auto may = may_listen(config.listen_address, config.declaration); !may) {
    return tl::unexpected(may.error());
  }
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
