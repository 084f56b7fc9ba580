import { mount } from 'svelte';
import { isolate } from 'tidemill/isolate';
import App from './App.svelte';
import './app.css';
import { live } from './lib/storage.ts';
import { look } from './lib/theme.svelte.ts';

/** Milliseconds until the page goes on without a service worker that does not come. */
const PATIENCE = 3000;

look.begin();
const patience = new Promise<string>((resolve) => setTimeout(resolve, PATIENCE, 'late'));
const isolation = await Promise.race([isolate(new URL('isolate-worker.js', document.baseURI)), patience]);
if (isolation !== 'reloading') {
  void live();
  mount(App, { target: document.getElementById('page') as HTMLElement });
}
