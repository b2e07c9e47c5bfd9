// SPDX-License-Identifier: Apache-2.0
// A client that nobody here wrote stores an instance, searches for it and retrieves it; another
// reads what came back:
// node dicomweb_client.mjs BASE_URL TOKEN COOKIE FILE FOLDER   (NODE_EXTRA_CA_CERTS: the authority)
// Leaves each instance that it finds in FOLDER as <n>.dcm, its metadata as <n>.json, its picture as
// <n>.rendered, and prints what dcmjs reads of it.
import { readFileSync, writeFileSync } from 'node:fs';
import dcmjs from 'dcmjs';
import { api } from 'dicomweb-client';

const [base, token, cookie, file, folder] = process.argv.slice(2);

/// As much of the browsers' XMLHttpRequest as the client uses.
globalThis.XMLHttpRequest = class {
  readyState = 0;
  status = 0;
  response = null;
  responseType = '';
  #headers = {};
  #answered = new Headers();

  open(method, url) {
    this.method = method.toUpperCase();
    this.url = url;
  }
  setRequestHeader(name, value) {
    this.#headers[name] = value;
  }
  getResponseHeader(name) {
    return this.#answered.get(name);
  }
  getAllResponseHeaders() {
    return [...this.#answered].map(([name, value]) => `${name}: ${value}\r\n`).join('');
  }
  send(body) {
    fetch(this.url, { method: this.method, headers: this.#headers, body })
      .then(async (answer) => {
        this.status = answer.status;
        this.#answered = answer.headers;
        const bytes = await answer.arrayBuffer();
        const text = () => new TextDecoder().decode(bytes);
        if (this.responseType === 'arraybuffer') this.response = bytes;
        else if (this.responseType === 'json') this.response = bytes.byteLength ? JSON.parse(text()) : null;
        else this.response = text();
      })
      .catch((error) => console.log(`network: ${error.cause ?? error}`))
      .finally(() => {
        this.readyState = 4;
        this.onreadystatechange?.();
      });
  }
};

const url = `${base}/dicom-web`;
const device = new api.DICOMwebClient({ url, verbose: false, headers: { Authorization: `Bearer ${token}` } });
const doctor = new api.DICOMwebClient({ url, verbose: false, headers: { Cookie: cookie } });

const bytes = readFileSync(file);
const instance = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
const stored = JSON.parse(await device.storeInstances({ datasets: [instance] }));
const { naturalizeDataset } = dcmjs.data.DicomMetaDictionary;
const kept = naturalizeDataset(stored).ReferencedSOPSequence;
console.log(`stored ${kept.ReferencedSOPInstanceUID ?? kept[0].ReferencedSOPInstanceUID}`);

const studies = (await doctor.searchForStudies({ queryParams: { ModalitiesInStudy: 'ECG' } })).map(naturalizeDataset);
console.log(`studies ${studies.length}`);
console.log(`none ${(await doctor.searchForStudies({ queryParams: { PatientID: 'nobody' } })).length}`);
let n = 0;
for (const study of (await doctor.searchForStudies({})).map(naturalizeDataset)) {
  const studyInstanceUID = study.StudyInstanceUID;
  for (const series of (await doctor.searchForSeries({ studyInstanceUID })).map(naturalizeDataset)) {
    const seriesInstanceUID = series.SeriesInstanceUID;
    const found = await doctor.searchForInstances({ studyInstanceUID, seriesInstanceUID });
    for (const { SOPInstanceUID: sopInstanceUID } of found.map(naturalizeDataset)) {
      const of = { studyInstanceUID, seriesInstanceUID, sopInstanceUID };
      const whole = await doctor.retrieveInstance(of);
      const read = naturalizeDataset(dcmjs.data.DicomMessage.readFile(whole).dict);
      const [metadata] = await doctor.retrieveInstanceMetadata(of);
      if (naturalizeDataset(metadata).SOPInstanceUID !== read.SOPInstanceUID) console.log('metadata of another');
      const rendered = await doctor.retrieveInstanceRendered(of);
      writeFileSync(`${folder}/${n}.dcm`, new Uint8Array(whole));
      writeFileSync(`${folder}/${n}.json`, JSON.stringify(metadata));
      writeFileSync(`${folder}/${n}.rendered`, new Uint8Array(Array.isArray(rendered) ? rendered[0] : rendered));
      const group = [read.WaveformSequence].flat()[0];
      console.log(`${read.Modality} ${group ? `${group.NumberOfWaveformChannels} x ${group.NumberOfWaveformSamples}` : `${read.Columns} x ${read.Rows}`}`);
      const bulk = metadata['54000100']?.Value[0]['54001010'].BulkDataURI;
      if (bulk) {
        const parts = await doctor.retrieveBulkData({ BulkDataURI: bulk });
        console.log(`samples ${parts[0].byteLength}`);
      } else {
        const frames = await doctor.retrieveInstanceFrames({ ...of, frameNumbers: [1] });
        console.log(`jpeg ${Buffer.from(new Uint8Array(frames[0]).slice(0, 2)).toString('hex')}`);
      }
      n += 1;
    }
  }
}
