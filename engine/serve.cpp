// SPDX-License-Identifier: Apache-2.0
#include "engine/serve.h"

#include "engine/log.h"
#include "engine/web/pages.h"

namespace telavis {

Running::Running(Node& node)
    : api_(std::make_unique<Api>(
          node.service(), node.registry(), node.access(),
          ApiOptions{.static_files = embedded_web(),
                     .ready = [&node] { return node.ready(); },
                     .figures =
                         [this, &node] {
                           NodeFigures figures{workers_.figures(), node.storage_trouble().figures(),
                                               node.clock_figures()};
                           if (node.trust() != nullptr)
                             figures.trust = node.trust()->figures(node.clock().now());
                           figures.mail.last_looks = node.mailboxes().last_looks();
                           if (node.smtp() != nullptr) figures.mail.smtp = node.smtp()->figures();
                           if (dicom_ != nullptr) figures.dicom = dicom_->counts();
                           return figures;
                         },
                     .failed =
                         [&node](const Error& error) {
                           node.storage_trouble().failed(error, node.clock().now());
                         },
                     .metrics_for_all = node.config().metrics_for_all,
                     .clinical_tools = node.config().clinical_tools,
                     .declaration = node.config().declaration,
                     .reception = node.gateway() == nullptr
                                      ? std::nullopt
                                      : std::optional(node.gateway()->reception())})),
      workers_(node.duties(), {.now = [&node] { return node.clock().now(); },
                               .log = log_error,
                               .failed =
                                   [&node](const Error& error) {
                                     node.storage_trouble().failed(error, node.clock().now());
                                   }}) {}

Result<void> Running::start_dicom(Node& node) {
  if (!node.config().dicom) return {};
  const DicomConfig& dicom = node.config().dicom->config;
  const auto may = may_listen(dicom.listen_address, node.config().declaration);
  if (!may) return may;
  dicom_ = std::make_unique<DicomServer>(dicom, node.service().tray(), node.gateway()->slots(),
                                         node.clock());
  if (auto started = dicom_->start(); !started) return started;
  log_info("devices reach " + dicom.ae_title + " on " + dicom.listen_address + " port " +
           std::to_string(dicom_->port()));
  return {};
}

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
  if (const auto started = running->start_dicom(node); !started)
    return tl::unexpected(started.error());
  auto server = Server::start(options, std::move(handler));
  if (!server) return tl::unexpected(server.error());
  running->server_ = std::move(*server);
  running->base_url_ = "https://localhost:" + std::to_string(running->server_->port());
  log_info("serving " + running->base_url_);
  return running;
}

}  // namespace telavis
