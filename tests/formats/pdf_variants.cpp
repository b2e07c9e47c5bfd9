// SPDX-License-Identifier: Apache-2.0
#include "tests/formats/pdf_variants.h"

#include <fmt/format.h>

#include <fstream>

#include "tests/formats/picture_variants.h"

namespace telavis::test {
namespace {

Bytes pdf_bytes_of(const std::string& text) {
  return {text.begin(), text.end()};
}

/// Object i + 1 is bodies[i].
std::string numbered(const std::vector<std::string>& bodies, std::vector<std::size_t>& places) {
  std::string pdf = "%PDF-1.4\n";
  for (std::size_t i = 0; i < bodies.size(); ++i) {
    places.push_back(pdf.size());
    pdf += fmt::format("{} 0 obj\n{}\nendobj\n", i + 1, bodies[i]);
  }
  return pdf;
}

class BitWriter {
 public:
  void bits(unsigned value, int count) {
    for (int i = 0; i < count; ++i) bit((value >> i) & 1);
  }
  void bit(unsigned value) {
    held_ |= value << used_;
    if (++used_ == 8) flush();
  }
  void flush() {
    if (used_ > 0) out.push_back(static_cast<char>(held_));
    held_ = 0;
    used_ = 0;
  }
  std::string out;

 private:
  unsigned held_ = 0;
  int used_ = 0;
};

}  // namespace

Bytes make_pdf(const PdfVariant& variant) {
  const std::size_t first_further = 7 + variant.objects.size();
  std::string kids = variant.pages > 0 ? "3 0 R" : "";
  for (int i = 1; i < variant.pages; ++i) {
    kids += fmt::format(" {} 0 R", first_further + static_cast<std::size_t>(i) - 1);
  }
  const std::string pages =
      variant.catalog.find("/Pages") == std::string::npos ? "/Pages 2 0 R" : "";
  const std::string content = "BT /F1 12 Tf 20 100 Td (25 mm/s 10 mm/mV) Tj ET";
  std::vector<std::string> bodies = {
      fmt::format("<< /Type /Catalog {} {} >>", pages, variant.catalog),
      fmt::format("<< /Type /Pages /Count {} /Kids [{}] >>", variant.pages, kids),
      fmt::format("<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources "
                  "<< /Font << /F1 5 0 R >> >> {} >>",
                  variant.page),
      fmt::format("<< /Length {} >>\nstream\n{}\nendstream", content.size(), content),
      "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
      "null"};
  bodies.insert(bodies.end(), variant.objects.begin(), variant.objects.end());
  for (int i = 1; i < variant.pages; ++i) {
    bodies.emplace_back("<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << >> >>");
  }
  std::vector<std::size_t> places;
  std::string pdf = numbered(bodies, places);
  const std::size_t xref = pdf.size();
  pdf += fmt::format("xref\n0 {}\n0000000000 65535 f \n", bodies.size() + 1);
  for (const std::size_t place : places) pdf += fmt::format("{:010} 00000 n \n", place);
  pdf += fmt::format("trailer\n<< /Size {} /Root 1 0 R {} >>\nstartxref\n{}\n%%EOF\n",
                     bodies.size() + 1, variant.trailer, xref);
  return pdf_bytes_of(pdf);
}

Bytes make_packed_pdf(const std::string& object) {
  const std::vector<std::string> packed = {
      "<< /Type /Catalog /Pages 2 0 R >>", "<< /Type /Pages /Count 1 /Kids [3 0 R] >>",
      "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << >> >>", object};
  std::string head;
  std::string body;
  for (std::size_t i = 0; i < packed.size(); ++i) {
    head += fmt::format("{} {} ", i + 1, body.size());
    body += packed[i] + "\n";
  }
  const std::string plain = head + body;
  const Bytes deflated = stored_zlib(as_bytes(plain));
  std::string pdf = "%PDF-1.5\n";
  const std::size_t stream_at = pdf.size();
  pdf += fmt::format(
      "5 0 obj\n<< /Type /ObjStm /N {} /First {} /Filter /FlateDecode /Length {} >>\nstream\n",
      packed.size(), head.size(), deflated.size());
  pdf += std::string(as_text(deflated)) + "\nendstream\nendobj\n";
  const std::size_t xref_at = pdf.size();
  Bytes entries;
  ByteWriter out(entries);
  const auto entry = [&](int type, std::size_t second, int third) {
    out.u8(static_cast<std::uint8_t>(type));
    out.u32be(static_cast<std::uint32_t>(second));
    out.u8(static_cast<std::uint8_t>(third));
  };
  entry(0, 0, 255);
  for (int i = 0; i < 4; ++i) entry(2, 5, i);
  entry(1, stream_at, 0);
  entry(1, xref_at, 0);
  const Bytes xref = stored_zlib(entries);
  pdf += fmt::format(
      "6 0 obj\n<< /Type /XRef /Size 7 /W [1 4 1] /Root 1 0 R /Filter /FlateDecode /Length {} "
      ">>\nstream\n",
      xref.size());
  pdf += std::string(as_text(xref)) + "\nendstream\nendobj\n";
  pdf += fmt::format("startxref\n{}\n%%EOF\n", xref_at);
  return pdf_bytes_of(pdf);
}

std::string flate_bomb(std::size_t bytes) {
  // Fixed Huffman codes (RFC 1951 3.2.6): one zero, then copies of 258 bytes from 1 byte back.
  BitWriter writer;
  writer.bits(0x78, 8);
  writer.bits(0x01, 8);
  writer.bits(1, 1);           // the last block
  writer.bits(1, 2);           // fixed codes
  writer.bits(0b00001100, 8);  // literal 0 is 00110000, written from its first bit
  for (std::size_t done = 1; done < bytes; done += 258) {
    writer.bits(0b10100011, 8);  // length 258 is 11000101
    writer.bits(0, 5);           // distance 1
  }
  writer.bits(0, 7);  // the end
  writer.flush();
  return writer.out + std::string(4, '\0');  // the sum is wrong: nobody reads as far
}

void write_file(const std::string& path, const Bytes& bytes) {
  std::ofstream(path, std::ios::binary)
      .write(reinterpret_cast<const char*>(bytes.data()),
             static_cast<std::streamsize>(bytes.size()));
}

}  // namespace telavis::test
