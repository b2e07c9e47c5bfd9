// SPDX-License-Identifier: Apache-2.0
#include "engine/billing/invoice.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "engine/billing/bank_words.h"
#include "engine/core/time.h"
#include "formats/xml_text.h"

namespace telavis {
namespace {

constexpr std::string_view kOpening =
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<rsm:CrossIndustryInvoice "
    "xmlns:rsm=\"urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100\" "
    "xmlns:ram=\"urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:"
    "100\" xmlns:udt=\"urn:un:unece:uncefact:data:standard:UnqualifiedDataType:100\">\n"
    "<rsm:ExchangedDocumentContext><ram:GuidelineSpecifiedDocumentContextParameter><ram:ID>"
    "urn:factur-x.eu:1p0:basicwl</ram:ID></ram:GuidelineSpecifiedDocumentContextParameter>"
    "</rsm:ExchangedDocumentContext>\n";

std::string ram(std::string_view name, std::string_view text) {
  return text.empty() ? "" : fmt::format("<ram:{0}>{1}</ram:{0}>", name, xml_escaped(text));
}

std::string day_of(std::string_view name, std::string_view iso) {
  return fmt::format(
      "<ram:{0}><udt:DateTimeString format=\"102\">{1}</udt:DateTimeString></ram:{0}>", name,
      compact_date(iso));
}

std::string invoice_party(std::string_view name, const InvoiceParty& party) {
  std::string xml = fmt::format("<ram:{}>", name) + ram("Name", party.name);
  if (!party.siren.empty()) {
    xml += fmt::format(
        "<ram:SpecifiedLegalOrganization><ram:ID schemeID=\"0002\">{}</ram:ID>"
        "</ram:SpecifiedLegalOrganization>",
        party.siren);
  }
  xml += "<ram:PostalTradeAddress>" + ram("PostcodeCode", party.post_code) +
         ram("LineOne", party.line) + ram("CityName", party.town) +
         ram("CountryID", party.country) + "</ram:PostalTradeAddress>";
  return xml + fmt::format("</ram:{}>\n", name);
}

Result<void> check_invoice(const Invoice& invoice) {
  for (const auto& [value, name] :
       {std::pair(&invoice.number, "number"), std::pair(&invoice.seller.name, "seller.name"),
        std::pair(&invoice.seller.siren, "seller.siren"),
        std::pair(&invoice.seller.town, "seller.town"),
        std::pair(&invoice.buyer.name, "buyer.name"), std::pair(&invoice.exemption, "exemption")}) {
    if (value->empty()) {
      return fail(ErrorCode::missing_field, fmt::format("'{}' of the invoice is missing.", name));
    }
  }
  for (const std::string* siren : {&invoice.seller.siren, &invoice.buyer.siren}) {
    if (siren->empty()) continue;
    if (auto checked = check_siren(*siren); !checked) return checked;
  }
  if (!is_iso_date(invoice.issued_on) || !is_iso_date(invoice.due_on) ||
      invoice.due_on < invoice.issued_on) {
    return fail(ErrorCode::invalid_field, "An invoice is due on a day that is not before its own.");
  }
  const bool above_zero = !invoice.line_cents.empty() &&
                          std::all_of(invoice.line_cents.begin(), invoice.line_cents.end(),
                                      [](std::int64_t cents) { return cents > 0; });
  if (!above_zero) return fail(ErrorCode::invalid_field, "The lines of an invoice are above zero.");
  if (invoice.corrects == invoice.corrected.empty()) {
    return fail(ErrorCode::invalid_field, "A credit note names the invoice that it corrects.");
  }
  return {};
}

std::string settlement(const Invoice& invoice, const std::string& sum) {
  std::string xml =
      "<ram:ApplicableHeaderTradeSettlement><ram:InvoiceCurrencyCode>EUR"
      "</ram:InvoiceCurrencyCode>\n<ram:ApplicableTradeTax><ram:CalculatedAmount>0.00"
      "</ram:CalculatedAmount><ram:TypeCode>VAT</ram:TypeCode>";
  xml += ram("ExemptionReason", invoice.exemption);
  xml += "<ram:BasisAmount>" + sum +
         "</ram:BasisAmount><ram:CategoryCode>E</ram:CategoryCode><ram:RateApplicablePercent>0.00"
         "</ram:RateApplicablePercent></ram:ApplicableTradeTax>\n"
         "<ram:SpecifiedTradePaymentTerms>" +
         day_of("DueDateDateTime", invoice.due_on) + "</ram:SpecifiedTradePaymentTerms>\n";
  xml += "<ram:SpecifiedTradeSettlementHeaderMonetarySummation>" + ram("LineTotalAmount", sum) +
         ram("TaxBasisTotalAmount", sum) +
         "<ram:TaxTotalAmount currencyID=\"EUR\">0.00</ram:TaxTotalAmount>" +
         ram("GrandTotalAmount", sum) + ram("DuePayableAmount", sum) +
         "</ram:SpecifiedTradeSettlementHeaderMonetarySummation>\n";
  if (invoice.corrects) {
    xml += "<ram:InvoiceReferencedDocument>" + ram("IssuerAssignedID", invoice.corrected) +
           "</ram:InvoiceReferencedDocument>";
  }
  return xml + "</ram:ApplicableHeaderTradeSettlement>\n";
}

}  // namespace

Result<std::string> factur_x(const Invoice& invoice) {
  if (auto checked = check_invoice(invoice); !checked) return tl::unexpected(checked.error());
  const std::string sum = amount_text(
      std::accumulate(invoice.line_cents.begin(), invoice.line_cents.end(), std::int64_t{0}));
  std::string xml(kOpening);
  xml += "<rsm:ExchangedDocument>" + ram("ID", invoice.number) +
         ram("TypeCode", invoice.corrects ? "381" : "380") +
         day_of("IssueDateTime", invoice.issued_on);
  if (!invoice.note.empty()) {
    xml += "<ram:IncludedNote>" + ram("Content", invoice.note) + "</ram:IncludedNote>";
  }
  xml +=
      "</rsm:ExchangedDocument>\n<rsm:SupplyChainTradeTransaction>\n"
      "<ram:ApplicableHeaderTradeAgreement>" +
      invoice_party("SellerTradeParty", invoice.seller) +
      invoice_party("BuyerTradeParty", invoice.buyer) +
      "</ram:ApplicableHeaderTradeAgreement>\n<ram:ApplicableHeaderTradeDelivery/>\n" +
      settlement(invoice, sum) +
      "</rsm:SupplyChainTradeTransaction>\n</rsm:CrossIndustryInvoice>\n";
  return xml;
}

}  // namespace telavis
