// SPDX-License-Identifier: Apache-2.0
// IHE_XDM.ZIP, in which documents travel by MSSanté: IHE ITI TF-1, 16 and TF-2, 3.32 (Distribute
// Document Set on Media, ZIP over e-mail) with the layout that France prescribes.
#pragma once

#include <string>
#include <vector>

#include "engine/core/time.h"
#include "formats/bytes.h"
#include "formats/result.h"
#include "mssante/cda.h"
#include "mssante/xdm_metadata.h"

namespace telavis {

/// The strictest known operator takes messages of 25 MB, base64 included.
inline constexpr std::size_t kMaxXdmArchiveBytes = std::size_t{32} << 20;
/// All files of an archive together: two documents of kMaxCdaBytes.
inline constexpr std::size_t kMaxXdmUnpackedBytes = std::size_t{64} << 20;

/// A document with its bytes, which write_cda made of `meta`.
struct XdmDocument {
  CdaDocument meta;
  Bytes cda;
};

struct XdmSubmission {
  std::string unique_id;          // OID of this submission
  std::string source_id;          // OID of this system
  std::string content_type_code;  // of xdm_codes.json; empty: that of a teleexpertise
  Instant at;
  CdaPerson author;                  // who sends
  std::vector<std::string> masking;  // codes of masking_codes(), beside each document's own
  std::vector<XdmDocument> documents;
};

/// What METADATA.XML will say. UUIDs are made of the documents' identifiers, so that a document has
/// the same in every archive and a later version can name the one it replaces. Errors:
/// missing_field, invalid_field (no OID, an unknown code, a time without offset, several patients,
/// bytes that are no CDA), limit_exceeded.
Result<XdmMetadata> xdm_metadata(const XdmSubmission& submission);

/// The archive: INDEX.HTM, README.TXT, IHE_XDM/SUBSET01/METADATA.XML, DOC0001.XML, ... The same
/// submission gives the same bytes. Errors: those of xdm_metadata and write_xdm_metadata,
/// render_failed.
Result<Bytes> write_xdm(const XdmSubmission& submission);

struct XdmReading {
  XdmMetadata metadata;
  std::vector<Bytes> documents;  // in the order of metadata.entries, hash and size verified
};

/// True for a ZIP archive that names a folder IHE_XDM, however damaged it is.
bool looks_like_xdm(ByteView file);

/// Reads the archive of any sender; names are compared without regard to case. Nothing is unpacked
/// before all names and sizes are found harmless. Errors: malformed_file, with one finding at least
/// that rejects and the text of the first of them.
///
/// Rejected, besides what read_xdm_metadata rejects: archive_too_large, archive_unreadable,
/// archive_bomb, too_many_files, encrypted_file, special_file, unsafe_path, duplicate_file,
/// nested_archive, metadata_absent, several_subsets, document_absent, size_mismatch, hash_mismatch.
/// Flagged: backslash_names, unlisted_file, index_missing, readme_missing.
Result<XdmReading> read_xdm(ByteView archive, std::vector<CdaFinding>& findings);

/// Compares what the metadata say of a document with the document. Rejected: patient_mismatch.
/// Flagged: unique_id_mismatch, type_mismatch.
void check_xdm_document(const XdmEntry& entry, const CdaDocument& document,
                        std::vector<CdaFinding>& findings);

}  // namespace telavis
