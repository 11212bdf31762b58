export type { DownloadStatus } from './fetch/download.ts';
export {
  type FetchedFile,
  type FetchOptions,
  type FetchProgress,
  fetchDataset,
  fetchFiles,
} from './fetch/fetch-dataset.ts';
export {
  type Checksum,
  OFFICIAL_DATASETS,
  type OfficialDataset,
  type OfficialDatasetName,
  type OfficialFile,
} from './fetch/official-datasets.ts';
