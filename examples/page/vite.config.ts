import { defineConfig } from 'vite';

// The worker fetches what it needs when it needs it, which only modules can.
export default defineConfig({ worker: { format: 'es' } });
