export type { DownloadStatus } from './fetch/download.ts';
export {
  type FetchedFile,
  type FetchOptions,
  type FetchProgress,
  fetchDataset,
} from './fetch/fetch-dataset.ts';
export {
  OFFICIAL_DATASETS,
  type OfficialDataset,
  type OfficialDatasetName,
  type OfficialFile,
} from './fetch/official-datasets.ts';
